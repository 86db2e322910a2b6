"""png - how many pixels of a screenshot are near a colour.

usage: png.py FILE RRGGBB...    prints "WIDTH HEIGHT COUNT..."
8 bits a channel, RGB or RGBA, not interlaced: as Chromium writes them.
"""
import struct, sys, zlib

def rows(data):
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        at += size + 12
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and colour in (2, 6) and not interlaced
            step = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            packed += body
    plain, line = zlib.decompress(packed), width * step
    before = bytearray(line)
    for y in range(height):
        way = plain[y * (line + 1)]
        row = bytearray(plain[y * (line + 1) + 1:(y + 1) * (line + 1)])
        for i in range(line):
            left = row[i - step] if i >= step else 0
            up = before[i]
            corner = before[i - step] if i >= step else 0
            if way == 1:
                row[i] = (row[i] + left) & 255
            elif way == 2:
                row[i] = (row[i] + up) & 255
            elif way == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif way == 4:
                p = left + up - corner
                a, b, c = abs(p - left), abs(p - up), abs(p - corner)
                row[i] = (row[i] + (left if a <= b and a <= c else up if b <= c else corner)) & 255
        before = row
        yield width, height, step, row

def main():
    wanted = [bytes.fromhex(text) for text in sys.argv[2:]]
    counts = [0] * len(wanted)
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    for width, height, step, row in rows(data):
        for x in range(0, width * step, step):
            for k, colour in enumerate(wanted):
                counts[k] += all(abs(row[x + c] - colour[c]) < 6 for c in range(3))
    print(width, height, *counts)

main()
