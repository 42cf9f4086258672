/** What the services say afterwards, and whether it is consistent. */
@NullMarked
package dev.tally.sample.demo.audit;

import org.jspecify.annotations.NullMarked;
