/** What people did by hand, kept with who and why. */
@NullMarked
package dev.tally.audit;

import org.jspecify.annotations.NullMarked;
