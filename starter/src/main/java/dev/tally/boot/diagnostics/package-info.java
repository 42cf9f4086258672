/** What is checked at start-up, and how faults are explained. */
@NullMarked
package dev.tally.boot.diagnostics;

import org.jspecify.annotations.NullMarked;
