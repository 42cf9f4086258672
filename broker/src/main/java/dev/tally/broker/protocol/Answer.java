package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a handler answers; the transport adds what ties it to the request.
 *
 * @param code a code of {@link ResponseCode}
 * @param remark text for people, {@code null} for none
 * @param fields the named fields
 * @param body the body, empty for none
 * @since 0.1
 */
public record Answer(int code, @Nullable String remark, Fields fields, ByteBuffer body) {

    /** Success without anything to say. */
    public static Answer ok() {
        return new Answer(ResponseCode.SUCCESS, null, Fields.none(), Command.noBody());
    }

    /** Success with fields. */
    public static Answer ok(Fields fields) {
        return new Answer(ResponseCode.SUCCESS, null, fields, Command.noBody());
    }

    /** Success with a body. */
    public static Answer ok(ByteBuffer body) {
        return new Answer(ResponseCode.SUCCESS, null, Fields.none(), body);
    }

    /** A refusal; the remark says what was attempted, on what, what was found and what happens next. */
    public static Answer refused(int code, String remark) {
        return new Answer(code, remark, Fields.none(), Command.noBody());
    }
}
