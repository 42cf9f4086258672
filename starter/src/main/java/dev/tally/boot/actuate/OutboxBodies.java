package dev.tally.boot.actuate;

import dev.tally.boot.OutboxAccess;
import dev.tally.message.Headers;
import dev.tally.outbox.OutboxStats;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.operations.BulkRun;
import dev.tally.outbox.operations.OldestWaiting;
import dev.tally.outbox.operations.OutboxInspection;
import dev.tally.outbox.operations.OutboxNodeState;
import dev.tally.outbox.operations.OutboxOperations;
import dev.tally.outbox.operations.OutboxProgress;
import dev.tally.outbox.operations.ParkedPage;
import dev.tally.outbox.operations.ParkedPreview;
import dev.tally.outbox.operations.ParkedRow;
import dev.tally.outbox.operations.Pause;
import dev.tally.outbox.operations.RowEdit;
import dev.tally.outbox.operations.WaitReason;
import dev.tally.outbox.operations.WaitingGroup;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What the endpoint tallyoutbox answers, and how it reads an edit. */
final class OutboxBodies {

    private static final TypeReference<LinkedHashMap<String, String>> STRINGS = new TypeReference<>() {};

    private OutboxBodies() {}

    static Map<String, Object> state(OutboxAccess outbox) {
        OutboxProgress progress = outbox.progress().get();
        OutboxStats stats = outbox.stats().get();
        Map<String, Object> body = new LinkedHashMap<>();
        Pause pause = progress.pause();
        body.put("paused", pause != null);
        if (pause != null) {
            body.put("pause", ordered("by", pause.by(), "reason", pause.reason(), "since", pause.since()));
        }
        body.put("pending", stats.rowsPending());
        body.put("parked", stats.rowsParked());
        body.put("inMemoryHere", stats.pendingInMemory());
        body.put("circuitOpenHere", !stats.brokerReachable());
        Map<String, Object> waiting = new LinkedHashMap<>();
        progress.oldest().forEach((reason, row) -> waiting.put(reason.id(), waiting(reason, row)));
        body.put("waiting", waiting);
        body.put("nodes", progress.nodes().stream().map(OutboxBodies::node).toList());
        OutboxOperations operations = outbox.operations();
        body.put("operations", operations != null);
        if (operations != null) {
            operations.latestRun().ifPresent(run -> body.put("latestRun", run(run)));
        }
        return body;
    }

    private static Map<String, Object> waiting(WaitReason reason, OldestWaiting row) {
        return ordered(
                "oldest",
                row.age(),
                "row",
                row.id(),
                "topic",
                row.topic(),
                "owner",
                row.owner(),
                "keeper",
                row.keeper(),
                "attempts",
                row.attempts(),
                "lastError",
                row.lastError(),
                "whatToDo",
                reason.advice());
    }

    private static Map<String, Object> node(OutboxNodeState node) {
        Map<String, Object> body = ordered(
                "node",
                node.node(),
                "instance",
                node.instance(),
                "alive",
                node.alive(),
                "silentFor",
                node.silentFor(),
                "circuitOpen",
                node.circuitOpen());
        body.put("lanes", node.lanes());
        body.put("owners", node.owners());
        return body;
    }

    /** Names and values in turn; what is {@code null} is left out, and what is neither number nor truth is text. */
    private static Map<String, Object> ordered(@Nullable Object... namesAndValues) {
        Map<String, Object> body = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            if (value != null) {
                boolean plain = value instanceof Number || value instanceof Boolean;
                body.put(String.valueOf(namesAndValues[i]), plain ? value : value.toString());
            }
        }
        return body;
    }

    static Map<String, Object> page(ParkedPage page, boolean open) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("parked", rows(page.rows(), open));
        body.put("more", page.more());
        body.put("after", page.lastId());
        return body;
    }

    static Map<String, Object> preview(ParkedPreview preview, boolean open) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("matching", preview.matching());
        body.put("first", rows(preview.first(), open));
        return body;
    }

    private static List<Map<String, Object>> rows(List<ParkedRow> rows, boolean open) {
        return rows.stream().map(row -> row(row, open)).toList();
    }

    private static Map<String, Object> row(ParkedRow row, boolean open) {
        Map<String, Object> body = ordered(
                "id",
                row.id(),
                "messageId",
                row.messageId(),
                "topic",
                row.topic(),
                "tag",
                row.tag(),
                "key",
                row.key(),
                "type",
                row.type(),
                "payloadBytes",
                row.payloadBytes(),
                "attempts",
                row.attempts(),
                "error",
                row.reason(),
                "createdAt",
                row.createdAt());
        if (open) {
            body.put("headers", row.headers().asMap());
        }
        return body;
    }

    /** @param open whether the payload and the headers are shown: they may be nobody else's business */
    static Map<String, Object> one(ParkedEntry entry, boolean open) {
        byte[] payload = entry.message().payload();
        Map<String, Object> body = row(
                new ParkedRow(
                        entry.id(),
                        entry.message().id().value(),
                        entry.message().destination().topic(),
                        entry.message().destination().tag(),
                        entry.message().key(),
                        entry.message().type(),
                        entry.message().headers(),
                        payload.length,
                        entry.attempts(),
                        entry.reason(),
                        entry.createdAt()),
                open);
        if (open) {
            String text = text(payload);
            if (text != null) {
                body.put("payload", text);
            } else {
                body.put("payloadBase64", Base64.getEncoder().encodeToString(payload));
            }
            body.put("contentType", String.valueOf(entry.message().headers().get(Headers.CONTENT_TYPE)));
        }
        return body;
    }

    private static @Nullable String text(byte[] payload) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException e) {
            // Bytes of another kind: shown as such.
            return null;
        }
    }

    static Map<String, Object> done(String outcome, ParkedEntry entry) {
        return ordered(
                "outcome",
                outcome,
                "id",
                entry.id(),
                "messageId",
                entry.message().id());
    }

    static Map<String, Object> run(BulkRun run) {
        BulkRun.State state = run.state();
        return ordered(
                "act",
                state.act(),
                "filter",
                state.filter(),
                "by",
                state.by().who(),
                "reason",
                state.by().why(),
                "matching",
                state.matching(),
                "done",
                state.done(),
                "heldBack",
                state.heldBack(),
                "status",
                state.status(),
                "failure",
                state.failure());
    }

    static Map<String, Object> waiting(OutboxInspection inspection, @Nullable String by, int max) {
        WaitingGroup.By what =
                switch (by == null ? "topic" : by.toLowerCase(Locale.ROOT)) {
                    case "topic" -> WaitingGroup.By.TOPIC;
                    case "key" -> WaitingGroup.By.KEY;
                    case "owner" -> WaitingGroup.By.OWNER;
                    default ->
                        throw new IllegalArgumentException(
                                "Cannot count waiting rows by '" + by + "': topic, key and owner are possible");
                };
        return Map.of(
                "waiting",
                inspection.waitingBy(what, max).stream()
                        .map(group ->
                                ordered(what.name().toLowerCase(Locale.ROOT), group.value(), "rows", group.rows()))
                        .toList());
    }

    /** @throws IllegalArgumentException for what is no edit */
    static RowEdit edit(@Nullable String payload, @Nullable String payloadBase64, @Nullable String headers) {
        RowEdit edit = RowEdit.none();
        if (payload != null && payloadBase64 != null) {
            throw new IllegalArgumentException(
                    "Cannot edit with both payload and payloadBase64: one of them says what it is; nothing was done");
        }
        if (payload != null) {
            edit = edit.withPayload(payload.getBytes(StandardCharsets.UTF_8));
        }
        if (payloadBase64 != null) {
            edit = edit.withPayload(Base64.getDecoder().decode(payloadBase64));
        }
        if (headers == null) {
            return edit;
        }
        try {
            return edit.withHeaders(JsonMapper.shared().readValue(headers, STRINGS));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "Cannot edit headers: a JSON object of texts, itself as a text, is needed, and that is none: "
                            + e.getOriginalMessage() + "; nothing was done",
                    e);
        }
    }
}
