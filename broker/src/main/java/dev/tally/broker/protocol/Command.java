package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One frame: a request or a response.
 *
 * @param form the form of its header
 * @param code the request code, or a response's result code
 * @param language the sender's language, a code of the protocol
 * @param version the sender's version, a number of the protocol
 * @param opaque what ties a response to its request
 * @param flag bit 0: response, bit 1: nobody waits for a response
 * @param remark text for people, {@code null} for none
 * @param fields the named fields
 * @param body the body between position and limit, empty for none; not to be changed
 * @since 0.1
 */
public record Command(
        HeaderForm form,
        int code,
        int language,
        int version,
        int opaque,
        int flag,
        @Nullable String remark,
        Fields fields,
        ByteBuffer body) {

    /** The version that this broker states of itself: clients enable features by it. It is the number of 5.5.0. */
    public static final int BROKER_VERSION = 513;

    /** The language code for Java. */
    public static final int JAVA = 0;

    private static final int RESPONSE = 1;
    private static final int ONE_WAY = 2;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    /** A request from the broker to a client that is not answered. */
    public static Command push(int code, Fields fields, ByteBuffer body) {
        return new Command(HeaderForm.JSON, code, JAVA, BROKER_VERSION, 0, ONE_WAY, null, fields, body);
    }

    /** A request from the broker to a client that is to be answered; nothing ties the answer to it. */
    public static Command question(int code, Fields fields) {
        return new Command(HeaderForm.JSON, code, JAVA, BROKER_VERSION, 0, 0, null, fields, noBody());
    }

    /** A request from the broker to a client whose answer carries the same number. */
    public static Command question(int code, int opaque, Fields fields, ByteBuffer body) {
        return new Command(HeaderForm.JSON, code, JAVA, BROKER_VERSION, opaque, 0, null, fields, body);
    }

    /** An empty body. */
    public static ByteBuffer noBody() {
        return EMPTY.duplicate();
    }

    /** The response to this request, in the form that the request came in. */
    public Command answeredBy(Answer answer) {
        return new Command(
                form,
                answer.code(),
                JAVA,
                BROKER_VERSION,
                opaque,
                RESPONSE,
                answer.remark(),
                answer.fields(),
                answer.body());
    }

    /** The same with a body of its own: one that came in may not be read any more when the transport's call returned. */
    public Command detached() {
        ByteBuffer own =
                ByteBuffer.allocate(body.remaining()).put(body.duplicate()).flip();
        return new Command(form, code, language, version, opaque, flag, remark, fields, own);
    }

    /** Whether this is a response. */
    public boolean response() {
        return (flag & RESPONSE) != 0;
    }

    /** Whether the sender waits for no response. */
    public boolean oneWay() {
        return (flag & ONE_WAY) != 0;
    }

    /** Facts only: fields and bodies may carry payloads. */
    @Override
    public String toString() {
        return "Command[code=" + code + ", opaque=" + opaque + ", flag=" + flag + ", fields=" + fields + ", bodyBytes="
                + body.remaining() + "]";
    }
}
