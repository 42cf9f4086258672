/** Which of the transports on the class path an application uses. */
@NullMarked
package dev.tally.boot.transport.choice;

import org.jspecify.annotations.NullMarked;
