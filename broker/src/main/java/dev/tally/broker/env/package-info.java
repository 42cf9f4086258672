/**
 * What the broker asks of the machine, behind three small interfaces: the disk, the clock and the threads. Production
 * code reaches the machine only through them, so a simulator can run the same code on a disk that forgets. And the rounds of work that a timer starts on those threads.
 */
@NullMarked
package dev.tally.broker.env;

import org.jspecify.annotations.NullMarked;
