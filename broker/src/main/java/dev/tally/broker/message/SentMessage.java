package dev.tally.broker.message;

import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.SysFlag;
import dev.tally.broker.protocol.WireMessage;
import java.nio.ByteBuffer;

/** Compares messages by what a client sends again when it repeats a send. */
public final class SentMessage {

    private static final int HOSTS = SysFlag.BORN_HOST_V6 | SysFlag.STORE_HOST_V6;

    private SentMessage() {}

    /**
     * Whether two stored encodings are of one message. A repeat may differ in the queue, in the time that it was born
     * (clients set it for each attempt) and in the connection.
     */
    public static boolean same(ByteBuffer one, ByteBuffer other) {
        try {
            WireMessage first = MessageEncoding.decode(one);
            WireMessage second = MessageEncoding.decode(other);
            return first.topic().equals(second.topic())
                    && first.flag() == second.flag()
                    && (first.sysFlag() | HOSTS) == (second.sysFlag() | HOSTS)
                    && first.reconsumeTimes() == second.reconsumeTimes()
                    && first.body().equals(second.body())
                    && first.properties().equals(second.properties());
        } catch (MalformedCommandException e) {
            // Not written by this broker's handlers: then it is no message of a client either.
            return false;
        }
    }
}
