package dev.tally.transport.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;

/**
 * The bytes of a message of any of JMS's kinds: those of a {@link BytesMessage}, the UTF-8 of a {@link TextMessage}, a line
 * for each entry of a {@link MapMessage} ({@code name=value}) and each element of a {@link StreamMessage}. That of an object
 * message is empty: what a stranger has serialized is never made an object here.
 */
final class PayloadOf {

    private PayloadOf() {}

    static byte[] message(Message message) throws JMSException {
        if (message instanceof BytesMessage bytes) {
            return bytes(bytes);
        }
        if (message instanceof TextMessage text) {
            return utf8(text.getText() == null ? "" : text.getText());
        }
        if (message instanceof MapMessage map) {
            return utf8(lines(map));
        }
        return message instanceof StreamMessage stream ? utf8(lines(stream)) : new byte[0];
    }

    private static byte[] bytes(BytesMessage message) throws JMSException {
        message.reset();
        byte[] payload = new byte[Math.toIntExact(message.getBodyLength())];
        int read = 0;
        while (read < payload.length) {
            byte[] rest = read == 0 ? payload : new byte[payload.length - read];
            int more = message.readBytes(rest);
            if (more <= 0) {
                throw new JMSException("the body has " + payload.length + " bytes, but only " + read + " can be read");
            }
            if (rest != payload) {
                System.arraycopy(rest, 0, payload, read, more);
            }
            read += more;
        }
        return payload;
    }

    private static String lines(MapMessage message) throws JMSException {
        StringBuilder lines = new StringBuilder();
        Enumeration<?> names = message.getMapNames();
        while (names.hasMoreElements()) {
            String name = String.valueOf(names.nextElement());
            lines.append(name).append('=').append(message.getObject(name)).append('\n');
        }
        return lines.toString();
    }

    private static String lines(StreamMessage message) throws JMSException {
        StringBuilder lines = new StringBuilder();
        message.reset();
        while (true) {
            try {
                lines.append(message.readObject()).append('\n');
            } catch (MessageEOFException e) {
                return lines.toString();
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
