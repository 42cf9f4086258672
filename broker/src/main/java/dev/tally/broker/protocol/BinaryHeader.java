package dev.tally.broker.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of a command header: {@code u16 code, u8 language, u16 version, u32 opaque, u32 flag, u32 remark
 * length, remark, u32 fields length, fields}; a field is {@code u16 length, name, u32 length, value}.
 */
final class BinaryHeader {

    private static final int FIELDS_EXPECTED = 16;

    private BinaryHeader() {}

    static Command read(byte[] bytes, int length, ByteBuffer body) {
        ByteBuffer header = ByteBuffer.wrap(bytes, 0, length);
        int code = header.getShort();
        int language = header.get();
        int version = header.getShort();
        int opaque = header.getInt();
        int flag = header.getInt();
        int remarkLength = header.getInt();
        String remark = remarkLength == 0 ? null : text(bytes, header, remarkLength);
        int fieldsLength = header.getInt();
        if (fieldsLength < 0 || fieldsLength > header.remaining()) {
            throw new BufferUnderflowException();
        }
        header.limit(header.position() + fieldsLength);
        Fields.Collector collector = new Fields.Collector(FIELDS_EXPECTED);
        while (header.hasRemaining()) {
            String name = text(bytes, header, Short.toUnsignedInt(header.getShort()));
            CommandCodec.addBounded(collector, name, text(bytes, header, header.getInt()));
        }
        return new Command(HeaderForm.BINARY, code, language, version, opaque, flag, remark, collector.fields(), body);
    }

    private static String text(byte[] bytes, ByteBuffer header, int length) {
        if (length < 0 || length > header.remaining()) {
            throw new BufferUnderflowException();
        }
        String text = Utf8.decode(bytes, header.position(), length);
        if (text == null) {
            throw new MalformedFrameException("The binary header holds text that is no UTF-8");
        }
        header.position(header.position() + length);
        return text;
    }

    static void write(Command command, HeaderBuffer out) {
        out.u16(command.code());
        out.u8(command.language());
        out.u16(command.version());
        out.u32(command.opaque());
        out.u32(command.flag());
        longText(out, command.remark());
        int start = out.size();
        out.u32(0);
        command.fields().forEach((name, value) -> {
            int nameStart = out.size();
            out.u16(0);
            out.text(name);
            out.u16At(nameStart, out.size() - nameStart - Short.BYTES);
            longText(out, value);
        });
        out.u32At(start, out.size() - start - Integer.BYTES);
    }

    private static void longText(HeaderBuffer out, @Nullable String text) {
        int start = out.size();
        out.u32(0);
        if (text != null) {
            out.text(text);
            out.u32At(start, out.size() - start - Integer.BYTES);
        }
    }
}
