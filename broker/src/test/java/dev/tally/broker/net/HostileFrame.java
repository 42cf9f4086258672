package dev.tally.broker.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A frame of the corpus and what has to come of it.
 *
 * @param expected response codes of which one has to be answered, or {@code close}
 */
record HostileFrame(String name, List<String> expected, byte[] bytes) {

    static final String CLOSE = "close";

    private static final String CORPUS = "/hostile-frames.txt";
    /** {@code <<text*count>>} */
    private static final Pattern REPEATED = Pattern.compile("<<(.*?)\\*(\\d+)>>", Pattern.DOTALL);

    @Override
    public String toString() {
        return name;
    }

    static List<HostileFrame> corpus() {
        try (InputStream in = Objects.requireNonNull(HostileFrame.class.getResourceAsStream(CORPUS))) {
            List<HostileFrame> frames = new ArrayList<>();
            Map<String, String> entry = new HashMap<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
                if (line.startsWith("#")) {
                    continue;
                }
                if (line.isBlank()) {
                    add(entry, frames);
                    continue;
                }
                int colon = line.indexOf(':');
                if (entry.put(
                                line.substring(0, colon),
                                line.substring(colon + 1).strip())
                        != null) {
                    throw new IllegalStateException("Twice in one frame: " + line);
                }
            }
            add(entry, frames);
            return frames;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(Map<String, String> entry, List<HostileFrame> frames) {
        if (entry.isEmpty()) {
            return;
        }
        List<String> expected = List.of(entry.get("expect").split(" or "));
        frames.add(new HostileFrame(entry.get("frame"), expected, bytes(entry)));
        entry.clear();
    }

    private static byte[] bytes(Map<String, String> entry) {
        if (entry.containsKey("raw")) {
            return hex(entry.get("raw"));
        }
        byte[] header = entry.containsKey("json") ? text(entry.get("json")) : hex(entry.get("binary"));
        byte[] body = text(entry.getOrDefault("body", ""));
        int form = entry.containsKey("json") ? 0 : 1;
        int headerLength = (int) Long.parseLong(entry.getOrDefault("header-length", "" + header.length));
        int length = (int) Long.parseLong(entry.getOrDefault("length", "" + (4 + header.length + body.length)));
        return ByteBuffer.allocate(8 + header.length + body.length)
                .putInt(length)
                .putInt(form << 24 | headerLength)
                .put(header)
                .put(body)
                .array();
    }

    private static String repeated(String text) {
        Matcher matcher = REPEATED.matcher(text);
        return matcher.replaceAll(
                found -> Matcher.quoteReplacement(found.group(1).repeat(Integer.parseInt(found.group(2)))));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(repeated(text.replace(" ", "")));
    }

    /** UTF-8, but {@code \xNN} is a byte as it is. */
    private static byte[] text(String text) {
        String whole = repeated(text);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int from = 0;
        for (int at = whole.indexOf("\\x"); at >= 0; at = whole.indexOf("\\x", from)) {
            bytes.writeBytes(whole.substring(from, at).getBytes(StandardCharsets.UTF_8));
            bytes.write(Integer.parseInt(whole.substring(at + 2, at + 4), 16));
            from = at + 4;
        }
        bytes.writeBytes(whole.substring(from).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }
}
