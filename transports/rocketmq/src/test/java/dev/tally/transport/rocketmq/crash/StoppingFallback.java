package dev.tally.transport.rocketmq.crash;

import dev.tally.message.Message;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import java.util.List;

/** The way through the outbox with stops. */
final class StoppingFallback implements PublishingPath {

    private final PublishingPath outbox;
    private final Stops stops;

    StoppingFallback(PublishingPath outbox, Stops stops) {
        this.outbox = outbox;
        this.stops = stops;
    }

    @Override
    public Settlement prepare(List<Message> messages) {
        stops.at(CrashPoint.BEFORE_OUTBOX_ROW);
        Settlement settlement = outbox.prepare(messages);
        return new Settlement() {
            @Override
            public void committed() {
                stops.at(CrashPoint.AFTER_FALLBACK_COMMIT);
                settlement.committed();
            }

            @Override
            public void rolledBack() {
                settlement.rolledBack();
            }

            @Override
            public void unknown() {
                settlement.unknown();
            }
        };
    }
}
