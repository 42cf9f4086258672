package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON form of a command header. It is read and written for every request, so it goes byte by byte. */
final class JsonHeader {

    /** By code; the wire names languages in JSON and numbers them in the binary form. */
    private static final List<String> LANGUAGES = List.of(
            "JAVA", "CPP", "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY", "OTHER", "HTTP", "GO", "PHP", "OMS", "RUST",
            "NODE_JS");

    private static final int OTHER = 7;
    private static final String HEX = "0123456789abcdef";

    private JsonHeader() {}

    static Command read(byte[] header, int length, ByteBuffer body) {
        JsonScanner json = new JsonScanner(header, length);
        Reading reading = new Reading();
        json.require('{');
        if (!json.take('}')) {
            do {
                reading.member(json, json.name());
            } while (json.anotherMember());
        }
        json.requireEnd();
        return reading.command(body);
    }

    static void write(Command command, HeaderBuffer out) {
        out.text("{\"code\":");
        number(out, command.code());
        if (command.fields().size() > 0) {
            out.text(",\"extFields\":");
            // The brace of the first field, then commas: what stands before a field depends on what was written last.
            int start = out.size();
            command.fields().forEach((name, value) -> {
                out.u8(out.size() == start ? '{' : ',');
                string(out, name);
                out.u8(':');
                string(out, value);
            });
            out.u8('}');
        }
        out.text(",\"flag\":");
        number(out, command.flag());
        out.text(",\"language\":");
        string(out, languageName(command.language()));
        out.text(",\"opaque\":");
        number(out, command.opaque());
        String remark = command.remark();
        if (remark != null) {
            out.text(",\"remark\":");
            string(out, remark);
        }
        out.text(",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":");
        number(out, command.version());
        out.u8('}');
    }

    private static void number(HeaderBuffer out, int number) {
        out.text(Integer.toString(number));
    }

    private static void string(HeaderBuffer out, String text) {
        out.u8('"');
        int clean = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\') {
                continue;
            }
            out.text(clean == i ? "" : text.substring(clean, i));
            out.u8('\\');
            if (c >= ' ') {
                out.u8(c);
            } else {
                out.text("u00");
                out.u8(HEX.charAt(c >>> 4));
                out.u8(HEX.charAt(c & 0xF));
            }
            clean = i + 1;
        }
        out.text(clean == 0 ? text : text.substring(clean));
        out.u8('"');
    }

    private static String languageName(int code) {
        return LANGUAGES.get(code >= 0 && code < LANGUAGES.size() ? code : OTHER);
    }

    /** What was read so far; unknown members are passed over, newer clients may send more. */
    private static final class Reading {
        private int code = -1;
        private int language = OTHER;
        private int version;
        private int opaque;
        private int flag;
        private @Nullable String remark;
        private Fields fields = Fields.none();

        void member(JsonScanner json, String name) {
            switch (name) {
                case "code" -> code = json.integer();
                case "version" -> version = json.integer();
                case "opaque" -> opaque = json.integer();
                case "flag" -> flag = json.integer();
                case "remark" -> remark = json.plain();
                case "language" -> {
                    String spelled = json.plain();
                    int known = spelled == null ? -1 : LANGUAGES.indexOf(spelled);
                    language = known < 0 ? OTHER : known;
                }
                case "extFields" -> fields = fields(json);
                default -> json.skip();
            }
        }

        private static Fields fields(JsonScanner json) {
            if (json.peek() != '{') {
                if (json.plain() == null) {
                    return Fields.none();
                }
                throw new MalformedFrameException("extFields of the JSON header is no object");
            }
            json.require('{');
            Fields.Collector collector = new Fields.Collector(16);
            if (!json.take('}')) {
                do {
                    String name = json.name();
                    String value = json.plain();
                    if (value != null) {
                        CommandCodec.addBounded(collector, name, value);
                    }
                } while (json.anotherMember());
            }
            return collector.fields();
        }

        Command command(ByteBuffer body) {
            if (code < 0 && (flag & 1) == 0) {
                throw new MalformedFrameException("The JSON header names no request code");
            }
            return new Command(HeaderForm.JSON, code, language, version, opaque, flag, remark, fields, body);
        }
    }
}
