package dev.tally.broker.console;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.UndecidedHalf;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Which half messages of a producer group nobody has decided. RocketMQ has no such requests; the list's answer is JSON:
 *
 * <pre>
 * {"halves": [{"state": "PREPARED", "preparedAtMillis": 1, "checks": 0, "position": 4711, "offsetMessageId": "7F..",
 *              "topic": "orders", "properties": {"UNIQ_KEY": "..", ..}}]}
 * </pre>
 */
final class HalfQuestions {

    private static final int MOST = 1_000;

    private final Place place;
    private final InstantSource clock;

    HalfQuestions(Place place, InstantSource clock) {
        this.place = place;
        this.clock = clock;
    }

    /** The oldest ones that are undecided, and behind them the oldest parked ones. */
    CompletableFuture<Answer> ofGroup(Connection connection, Command request) {
        String group = request.fields().requiredText("producerGroup");
        int max = (int) Math.max(1, Math.min(MOST, request.fields().requiredLongNumber("max")));
        return place.read(() -> {
            List<Map<String, Object>> halves = new ArrayList<>();
            for (HalfState state : List.of(HalfState.PREPARED, HalfState.PARKED)) {
                place.store.undecided(group, state, 0, max).forEach(half -> halves.add(described(half)));
            }
            return new Answer(ResponseCode.SUCCESS, null, Fields.none(), JsonBody.write(Map.of("halves", halves)));
        });
    }

    /**
     * How old the oldest one of a group is that is undecided or parked, in field {@code ageMillis}; without that field
     * where there is none. An age, so that nobody's clock but this broker's counts.
     */
    CompletableFuture<Answer> oldestOfGroup(Connection connection, Command request) {
        String group = request.fields().requiredText("producerGroup");
        return place.read(() -> {
            OptionalLong oldest = place.store.oldestUndecided(group);
            return Answer.ok(
                    oldest.isEmpty()
                            ? Fields.none()
                            : Fields.of("ageMillis", Math.max(0, clock.millis() - oldest.getAsLong())));
        });
    }

    Map<String, Object> described(UndecidedHalf half) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("state", half.state().name());
        described.put("preparedAtMillis", half.preparedAtMillis());
        described.put("checks", half.checks());
        described.put("position", half.position());
        described.put("offsetMessageId", OffsetMessageId.format(place.settings.storeHost(), half.position()));
        StoredMessage stored = place.store.messageAt(half.position());
        if (stored != null) {
            WireMessage message = MessageEncoding.decode(stored.payload());
            described.put("topic", message.topic());
            described.put("properties", message.properties().asMap());
        }
        return described;
    }
}
