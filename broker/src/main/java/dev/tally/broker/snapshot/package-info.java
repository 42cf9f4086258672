/**
 * Snapshots of the state that the log adds up to: an accelerator of the start. They may be deleted at any time while the
 * broker is down.
 */
@NullMarked
package dev.tally.broker.snapshot;

import org.jspecify.annotations.NullMarked;
