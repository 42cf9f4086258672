/** Where the time of a process went. */
@NullMarked
package dev.tally.benchmarks.profile;

import org.jspecify.annotations.NullMarked;
