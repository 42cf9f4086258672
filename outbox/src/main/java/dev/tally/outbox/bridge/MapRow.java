package dev.tally.outbox.bridge;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.outbox.bridge.BridgeMapping.Decision;
import dev.tally.outbox.bridge.BridgeMapping.Deliver;
import dev.tally.outbox.bridge.BridgeMapping.Leave;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the mapping what becomes of a row: one that cannot be read, or that the mapping fails for, is to be left. */
final class MapRow {

    private static final Logger log = LoggerFactory.getLogger(MapRow.class);

    private final BridgeMapping mapping;

    MapRow(BridgeMapping mapping) {
        this.mapping = mapping;
    }

    Decision map(PeerRow row) {
        String fault = row.fault();
        if (fault != null) {
            return new Leave(fault);
        }
        Decision decision = ask(row.row());
        return decision instanceof Deliver deliver ? new Deliver(withContentType(deliver.message())) : decision;
    }

    private Decision ask(BridgedRow row) {
        try {
            return mapping.map(row);
        } catch (RuntimeException e) {
            log.debug("mapping failed bridge={} rowId={}", row.bridge(), row.id(), e);
            String message = e.getMessage();
            return new Leave(
                    e.getClass().getSimpleName() + (message == null || message.isBlank() ? "" : ": " + message));
        }
    }

    private static Message withContentType(Message message) {
        if (message.headers().get(Headers.CONTENT_TYPE) != null) {
            return message;
        }
        return new Message(
                message.id(),
                message.destination(),
                message.key(),
                message.type(),
                message.headers().with(Headers.CONTENT_TYPE, "application/json"),
                message.payload());
    }
}
