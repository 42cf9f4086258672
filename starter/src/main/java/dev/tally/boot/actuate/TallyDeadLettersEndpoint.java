package dev.tally.boot.actuate;

import static dev.tally.boot.actuate.Refusal.FORBIDDEN;
import static dev.tally.boot.actuate.Refusal.refused;

import dev.tally.boot.DeadLetterAccess;
import dev.tally.boot.DeadLetterPlaces;
import dev.tally.consume.deadletter.DeadLetter;
import dev.tally.consume.deadletter.DeadLetterFilter;
import dev.tally.consume.deadletter.DeadLetterOperations;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.consume.deadletter.ListedDeadLetter;
import dev.tally.message.MessageId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * {@code /actuator/tallydeadletters}: what consumers could not handle, and a guarded way to replay or discard it.
 *
 * <pre>
 * GET  /actuator/tallydeadletters?group=..         how many, and the oldest 'max' (100): with the filters
 * GET  /actuator/tallydeadletters/{group}/{id}     one of them, with payload and stack
 * POST /actuator/tallydeadletters/replay           the filters, {"max": .., "perSecond": .., "forced": true,
 *                                                  "reason": "..", "actor": ".."}
 * POST /actuator/tallydeadletters/cancel           takes a replay back for those that have not been replayed
 * POST /actuator/tallydeadletters/discard          removes them for good
 * </pre>
 *
 * <p>The filters: group, topic, type, key, id, error (part of the reason or of the exception's class), from, until.
 * {@code dataSource} names another one than the primary; {@code preview: true} answers how many an act would be about, and does nothing.
 *
 * <p>The actor is the authenticated user; where there is none it must be given. Payloads and stacks are shown only where
 * {@code tally.consumer.operations} allows acts.
 */
@WebEndpoint(id = "tallydeadletters")
final class TallyDeadLettersEndpoint {

    private static final int DEFAULT_MAX = 100;
    private static final int MOST_SHOWN = 1_000;

    private final DeadLetterPlaces places;

    TallyDeadLettersEndpoint(DeadLetterPlaces places) {
        this.places = places;
    }

    private DeadLetterAccess place(@Nullable String dataSource) {
        List<String> names = new ArrayList<>();
        for (DeadLetterAccess each : places) {
            if (dataSource == null || each.dataSource().equals(dataSource)) {
                return each;
            }
            names.add(each.dataSource());
        }
        throw new InvalidEndpointRequestException(
                "There is no data source '" + dataSource + "' here, only " + names + "; nothing was done",
                "unknown data source");
    }

    @ReadOperation
    Map<String, Object> list(
            @Nullable String group,
            @Nullable String topic,
            @Nullable String type,
            @Nullable String key,
            @Nullable String id,
            @Nullable String error,
            @Nullable Instant from,
            @Nullable Instant until,
            @Nullable Integer max,
            @Nullable String dataSource) {
        DeadLetterStore store = place(dataSource).store();
        DeadLetterFilter filter = new DeadLetterFilter(group, topic, type, key, id, error, from, until);
        int most = Math.max(0, Math.min(Optional.ofNullable(max).orElse(DEFAULT_MAX), MOST_SHOWN));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("count", store.count(filter));
        body.put("byGroup", store.countByGroup());
        body.put(
                "deadLetters",
                store.list(filter, most).stream()
                        .map(TallyDeadLettersEndpoint::line)
                        .toList());
        return body;
    }

    @ReadOperation
    WebEndpointResponse<Object> show(@Selector String group, @Selector String id, @Nullable String dataSource) {
        DeadLetterAccess place = place(dataSource);
        DeadLetter found = id.isBlank() || id.length() > MessageId.MAX_LENGTH
                ? null
                : place.store().find(group, new MessageId(id));
        return found == null
                ? refused(
                        WebEndpointResponse.STATUS_NOT_FOUND,
                        "Group '" + group + "' has no dead letter with id '" + id + "'")
                : new WebEndpointResponse<>(whole(found, place.operations() != null));
    }

    @WriteOperation
    WebEndpointResponse<Object> act(
            @Selector String act,
            @Nullable String group,
            @Nullable String topic,
            @Nullable String type,
            @Nullable String key,
            @Nullable String id,
            @Nullable String error,
            @Nullable Instant from,
            @Nullable Instant until,
            @Nullable Integer max,
            @Nullable Double perSecond,
            @Nullable Boolean forced,
            @Nullable Boolean preview,
            @Nullable String reason,
            @Nullable String actor,
            @Nullable String dataSource,
            SecurityContext security) {
        DeadLetterOperations operations = place(dataSource).operations();
        if (operations == null) {
            return refused(
                    FORBIDDEN,
                    "Cannot " + act + " dead letters here: tally.consumer.operations is false; nothing was done");
        }
        DeadLetterFilter filter = new DeadLetterFilter(group, topic, type, key, id, error, from, until);
        if (Boolean.TRUE.equals(preview)) {
            return new WebEndpointResponse<>(Map.of("would", act, "count", operations.count(filter)));
        }
        Principal user = security.getPrincipal();
        try {
            DeadLetterOperations.Act by = new DeadLetterOperations.Act(
                    filter,
                    Optional.ofNullable(max).orElse(DeadLetterOperations.MOST),
                    user != null ? user.getName() : Optional.ofNullable(actor).orElse(""),
                    Optional.ofNullable(reason).orElse(""));
            return switch (act.toLowerCase(Locale.ROOT)) {
                case "replay" ->
                    done(
                            "due",
                            operations.replay(
                                    by,
                                    new DeadLetterOperations.Pace(
                                            Optional.ofNullable(perSecond).orElse(Double.POSITIVE_INFINITY),
                                            Boolean.TRUE.equals(forced))));
                case "cancel" -> done("cancelled", operations.cancelReplay(by));
                case "discard" -> done("discarded", operations.discard(by));
                default ->
                    refused(
                            WebEndpointResponse.STATUS_BAD_REQUEST,
                            "Cannot " + act + " dead letters: replay, cancel and discard are possible; nothing was"
                                    + " done");
            };
        } catch (IllegalArgumentException e) {
            return refused(WebEndpointResponse.STATUS_BAD_REQUEST, e.getMessage());
        }
    }

    private static WebEndpointResponse<Object> done(String what, int count) {
        return new WebEndpointResponse<>(Map.of(what, count));
    }

    private static Map<String, Object> line(ListedDeadLetter letter) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("group", letter.group());
        body.put("id", letter.id().value());
        body.put("topic", letter.topic());
        body.put("type", letter.type());
        put(body, "key", letter.key());
        body.put("attempts", letter.attempts());
        body.put("reason", letter.reason());
        put(body, "exception", letter.exception());
        put(body, "since", letter.since());
        put(body, "storedAt", letter.storedAt());
        DeadLetter.Replay replay = letter.replay();
        if (replay != null) {
            body.put("replayAt", replay.dueAt().toString());
            body.put("forced", replay.forced());
        }
        return body;
    }

    private static Map<String, Object> whole(DeadLetter letter, boolean withContents) {
        Map<String, Object> body = line(letter.listed());
        body.put("headers", letter.message().headers().asMap());
        if (withContents) {
            put(body, "stack", letter.failure().stack());
            payload(body, letter.message().payload());
        }
        return body;
    }

    private static void payload(Map<String, Object> body, byte[] payload) {
        try {
            body.put(
                    "payload",
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(payload))
                            .toString());
        } catch (CharacterCodingException e) {
            body.put("payloadBase64", Base64.getEncoder().encodeToString(payload));
        }
    }

    private static void put(Map<String, Object> body, String name, @Nullable Object value) {
        if (value != null) {
            body.put(name, value.toString());
        }
    }
}
