package dev.tally.consume.guard;

import dev.tally.reply.StoredReply;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/** What one guarded method returns, as JSON. An empty body is {@code null}. Thread-safe. */
final class ReplyCodec {

    private static final int OK = 200;
    private static final String JSON = "application/json";

    private final String method;
    private final JsonMapper mapper;
    private final JavaType type;
    private volatile boolean proven;

    ReplyCodec(String method, JsonMapper mapper, ResolvableType type) {
        this.method = method;
        this.mapper = mapper;
        this.type = mapper.constructType(type.getType());
    }

    /**
     * Writes what the method returned. The first one is read again, so that a type that can only be written is found
     * before a duplicate comes.
     *
     * @throws ReplyUnavailableException if it cannot be written, or not be read
     */
    StoredReply write(@Nullable Object result) {
        if (result == null) {
            return new StoredReply(null, OK, null, null, new byte[0]);
        }
        try {
            byte[] body = mapper.writerFor(type).writeValueAsBytes(result);
            if (!proven) {
                Object unused = mapper.readValue(body, type);
                proven = true;
            }
            return new StoredReply(null, OK, JSON, null, body);
        } catch (JacksonException e) {
            throw new ReplyUnavailableException(
                    "Cannot keep what " + method + " returned, a "
                            + result.getClass().getName()
                            + ", for the same message coming again: as JSON for a " + type.toCanonical() + ": "
                            + e.getOriginalMessage() + ". The message was not handled; let the method return what can"
                            + " be written and read, or nothing",
                    e);
        }
    }

    /** @throws ReplyUnavailableException if it cannot be read */
    @Nullable Object read(StoredReply reply, String what) {
        if (reply.body().length == 0) {
            return null;
        }
        try {
            return mapper.readValue(reply.body(), type);
        } catch (JacksonException e) {
            throw new ReplyUnavailableException(
                    "Cannot return what " + method + " returned for " + what
                            + ", which was handled before: it is not a " + type.toCanonical() + " any more: "
                            + e.getOriginalMessage() + ". Nothing was changed",
                    e);
        }
    }
}
