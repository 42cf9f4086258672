/** What the machine is, and what the kernel knows of a process. */
@NullMarked
package dev.tally.benchmarks.machine;

import org.jspecify.annotations.NullMarked;
