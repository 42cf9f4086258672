package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The binary form of a command header: {@code u16 code, u8 language, u16 version, u32 opaque, u32 flag, u32 remark
 * length, remark, u32 fields length, fields}; a field is {@code u16 length, name, u32 length, value}.
 */
final class BinaryHeader {

    private static final int FIXED_BYTES = 2 + 1 + 2 + 4 + 4 + 4 + 4;
    private static final int MAX_FIELDS = 1024;

    private BinaryHeader() {}

    static Command read(ByteBuffer header, ByteBuffer body) {
        int code = header.getShort();
        int language = header.get();
        int version = header.getShort();
        int opaque = header.getInt();
        int flag = header.getInt();
        int remarkLength = header.getInt();
        String remark = remarkLength == 0 ? null : MessageEncoding.text(MessageEncoding.take(header, remarkLength));
        int fieldsLength = header.getInt();
        ByteBuffer fieldBytes = MessageEncoding.take(header, fieldsLength);
        Map<String, String> fields = new HashMap<>();
        while (fieldBytes.hasRemaining()) {
            int nameLength = Short.toUnsignedInt(fieldBytes.getShort());
            String name = MessageEncoding.text(MessageEncoding.take(fieldBytes, nameLength));
            fields.put(name, MessageEncoding.text(MessageEncoding.take(fieldBytes, fieldBytes.getInt())));
            if (fields.size() > MAX_FIELDS) {
                throw new MalformedFrameException("More than " + MAX_FIELDS + " fields in a header");
            }
        }
        return new Command(HeaderForm.BINARY, code, language, version, opaque, flag, remark, Fields.wrap(fields), body);
    }

    static byte[] write(Command command) {
        byte[] remark = Objects.requireNonNullElse(command.remark(), "").getBytes(StandardCharsets.UTF_8);
        IdentityHashMap<byte[], byte[]> fields = new IdentityHashMap<>();
        int fieldsLength = 0;
        for (Map.Entry<String, String> field : command.fields().asMap().entrySet()) {
            byte[] name = field.getKey().getBytes(StandardCharsets.UTF_8);
            byte[] value = field.getValue().getBytes(StandardCharsets.UTF_8);
            fieldsLength += 2 + name.length + 4 + value.length;
            fields.put(name, value);
        }
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + remark.length + fieldsLength);
        out.putShort((short) command.code()).put((byte) command.language()).putShort((short) command.version());
        out.putInt(command.opaque()).putInt(command.flag());
        out.putInt(remark.length).put(remark).putInt(fieldsLength);
        fields.forEach((name, value) ->
                out.putShort((short) name.length).put(name).putInt(value.length).put(value));
        return out.array();
    }
}
