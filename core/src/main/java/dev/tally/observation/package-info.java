/**
 * Observations of publishing, preparing and processing, by Micrometer and by OpenTelemetry's conventions for messaging;
 * with tracing, the trace's context travels in the headers of the messages.
 */
@NullMarked
package dev.tally.observation;

import org.jspecify.annotations.NullMarked;
