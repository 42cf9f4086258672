/** What every handler of requests has in common. */
@NullMarked
package dev.tally.broker.request;

import org.jspecify.annotations.NullMarked;
