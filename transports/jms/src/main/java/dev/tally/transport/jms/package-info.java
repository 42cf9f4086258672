/** The transport over ActiveMQ Artemis and ActiveMQ Classic. */
@NullMarked
package dev.tally.transport.jms;

import org.jspecify.annotations.NullMarked;
