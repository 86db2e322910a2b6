#ifndef BROOD_TOOLS_RUN_STANDSTILL_H
#define BROOD_TOOLS_RUN_STANDSTILL_H

/*
 * standstill - jobs that have been sent SIGTSTP, before we stop ourselves.
 *
 * The signal is sent by threads that stop when we do, so the jobs have to be
 * seen to stand still first; there is nothing that would tell of it.
 */

/** Wait until a process stands still, has ended, or does with SIGTSTP as it
 * likes. @looks  how often all have been looked at: it is not done for ever. */
void standstill_wait(int pid, int *looks);

#endif /* BROOD_TOOLS_RUN_STANDSTILL_H */
