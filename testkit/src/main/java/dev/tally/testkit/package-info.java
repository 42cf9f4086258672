/** What users of Tally and Tally itself test with: databases, a transport in memory, processes to kill, contract suites. */
@NullMarked
package dev.tally.testkit;

import org.jspecify.annotations.NullMarked;
