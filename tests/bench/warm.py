"""warm - what a task of Python's ProcessPoolExecutor costs.

usage: warm.py WORKERS N CHUNKSIZE...

Runs N tasks of 16 bytes that return them, with each chunk size; prints the
most tasks/s.
"""
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def work(data):
    return data


def measure(executor, n, chunksize):
    tasks = [i.to_bytes(16, "little") for i in range(n)]
    begin = time.monotonic()
    done = sum(1 for _ in executor.map(work, tasks, chunksize=chunksize))
    assert done == n
    return n / (time.monotonic() - begin)


def main():
    workers, n, *chunksizes = map(int, sys.argv[1:])
    with ProcessPoolExecutor(workers) as executor:
        measure(executor, 10 * workers, 1)  # the workers are there
        print(f"{max(measure(executor, n, c) for c in chunksizes):.0f}")


if __name__ == "__main__":
    main()
