/** The processes of the demonstration: started, killed, started again, stopped. */
@NullMarked
package dev.tally.sample.demo.process;

import org.jspecify.annotations.NullMarked;
