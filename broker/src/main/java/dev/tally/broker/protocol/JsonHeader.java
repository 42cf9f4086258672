package dev.tally.broker.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The JSON form of a command header. Streaming, because it is read and written for every request. */
final class JsonHeader {

    /** By code; the wire names languages in JSON and numbers them in the binary form. */
    private static final List<String> LANGUAGES = List.of(
            "JAVA", "CPP", "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY", "OTHER", "HTTP", "GO", "PHP", "OMS", "RUST",
            "NODE_JS");

    private static final int OTHER = 7;
    private static final int MAX_FIELDS = 1024;
    private static final JsonFactory JSON = new JsonFactory();

    private JsonHeader() {}

    static Command read(ByteBuffer header, ByteBuffer body) {
        Reading reading = new Reading();
        byte[] bytes = new byte[header.remaining()];
        header.get(bytes);
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedFrameException("The JSON header is no object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                reading.property(parser, name, token);
            }
            if (parser.currentToken() != JsonToken.END_OBJECT) {
                throw new MalformedFrameException("The JSON header ends early");
            }
        } catch (JacksonException e) {
            throw new MalformedFrameException("The JSON header cannot be read", e);
        }
        return reading.command(body);
    }

    static byte[] write(Command command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeNumberProperty("code", command.code());
            Map<String, String> fields = command.fields().asMap();
            if (!fields.isEmpty()) {
                json.writeObjectPropertyStart("extFields");
                fields.forEach(json::writeStringProperty);
                json.writeEndObject();
            }
            json.writeNumberProperty("flag", command.flag());
            json.writeStringProperty("language", languageName(command.language()));
            json.writeNumberProperty("opaque", command.opaque());
            String remark = command.remark();
            if (remark != null) {
                json.writeStringProperty("remark", remark);
            }
            json.writeStringProperty("serializeTypeCurrentRPC", "JSON");
            json.writeNumberProperty("version", command.version());
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static String languageName(int code) {
        return LANGUAGES.get(code >= 0 && code < LANGUAGES.size() ? code : OTHER);
    }

    /** What was read so far; unknown properties are skipped, newer clients may send more. */
    private static final class Reading {
        private int code = -1;
        private int language = OTHER;
        private int version;
        private int opaque;
        private int flag;
        private @Nullable String remark;
        private Map<String, String> fields = Map.of();

        void property(JsonParser parser, String name, JsonToken token) {
            switch (name) {
                case "code" -> code = parser.getIntValue();
                case "version" -> version = parser.getIntValue();
                case "opaque" -> opaque = parser.getIntValue();
                case "flag" -> flag = parser.getIntValue();
                case "remark" -> remark = parser.getValueAsString();
                case "language" -> {
                    int known = LANGUAGES.indexOf(parser.getValueAsString());
                    language = known < 0 ? OTHER : known;
                }
                case "extFields" -> fields = fields(parser, token);
                default -> parser.skipChildren();
            }
        }

        private static Map<String, String> fields(JsonParser parser, JsonToken token) {
            if (token == JsonToken.VALUE_NULL) {
                return Map.of();
            }
            if (token != JsonToken.START_OBJECT) {
                throw new MalformedFrameException("extFields of the JSON header is no object");
            }
            Map<String, String> fields = new HashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value == null || value.isStructStart()) {
                    throw new MalformedFrameException("Field '" + name + "' of the JSON header is no plain value");
                }
                if (value != JsonToken.VALUE_NULL) {
                    fields.put(name, parser.getString());
                }
                if (fields.size() > MAX_FIELDS) {
                    throw new MalformedFrameException("More than " + MAX_FIELDS + " fields in a header");
                }
            }
            return fields;
        }

        Command command(ByteBuffer body) {
            if (code < 0 && (flag & 1) == 0) {
                throw new MalformedFrameException("The JSON header names no request code");
            }
            return new Command(
                    HeaderForm.JSON, code, language, version, opaque, flag, remark, Fields.wrap(fields), body);
        }
    }
}
