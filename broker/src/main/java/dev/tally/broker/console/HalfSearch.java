package dev.tally.broker.console;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.UndecidedHalf;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the half messages of a producer group that have a property's value, such as the id of a local transaction, among
 * however many nobody has decided; and counts. RocketMQ has no such requests; the answers are JSON:
 *
 * <pre>
 * {"halves": [{"state": "PARKED", ..}], "next": 4711}
 * {"undecided": 3, "parked": 1}
 * </pre>
 *
 * One request looks at a bounded number, in the order of their positions; where there are more, {@code next} is where the
 * next request goes on.
 */
final class HalfSearch {

    private static final int LOOKED_AT = 5_000;

    private final Place place;
    private final HalfQuestions questions;

    HalfSearch(Place place, HalfQuestions questions) {
        this.place = place;
        this.questions = questions;
    }

    /** What of the next ones of a state has the property. */
    CompletableFuture<Answer> find(Connection connection, Command request) {
        Fields fields = request.fields();
        String group = fields.requiredText("producerGroup");
        String property = fields.requiredText("property");
        String value = fields.requiredText("value");
        HalfState state = Boolean.parseBoolean(fields.requiredText("parked")) ? HalfState.PARKED : HalfState.PREPARED;
        long from = fields.longNumber("from", 0);
        return place.read(() -> {
            List<UndecidedHalf> page = place.store.undecided(group, state, from, LOOKED_AT);
            Map<String, Object> body = new LinkedHashMap<>();
            body.put(
                    "halves",
                    page.stream()
                            .map(questions::described)
                            .filter(half -> half.get("properties") instanceof Map<?, ?> properties
                                    && value.equals(properties.get(property)))
                            .toList());
            if (page.size() == LOOKED_AT) {
                body.put("next", page.get(page.size() - 1).position() + 1);
            }
            return new Answer(ResponseCode.SUCCESS, null, Fields.none(), JsonBody.write(body));
        });
    }

    /** How many a group has undecided and parked. */
    CompletableFuture<Answer> count(Connection connection, Command request) {
        String group = request.fields().requiredText("producerGroup");
        return place.read(() -> new Answer(
                ResponseCode.SUCCESS,
                null,
                Fields.none(),
                JsonBody.write(Map.of(
                        "undecided",
                        place.store.undecidedOf(group, HalfState.PREPARED),
                        "parked",
                        place.store.undecidedOf(group, HalfState.PARKED)))));
    }
}
