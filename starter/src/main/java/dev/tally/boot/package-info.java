/** Spring Boot wiring of Tally: auto-configurations and their properties. No behaviour of its own. */
@NullMarked
package dev.tally.boot;

import org.jspecify.annotations.NullMarked;
