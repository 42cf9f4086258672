/** The transport over Apache Pulsar. */
@NullMarked
package dev.tally.transport.pulsar;

import org.jspecify.annotations.NullMarked;
