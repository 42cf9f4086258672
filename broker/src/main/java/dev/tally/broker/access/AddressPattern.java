package dev.tally.broker.access;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Addresses as account files spell them: {@code 10.0.0.7}, {@code 10.0.0.*}, {@code 10.0.1-9.*}, {@code 10.0.0.{7,8}},
 * several with commas between them, the same with IPv6, and {@code *} for all.
 */
final class AddressPattern {

    private static final int V4_PARTS = 4;
    private static final int V6_PARTS = 8;

    private final List<Parts> alternatives;

    private AddressPattern(List<Parts> alternatives) {
        this.alternatives = alternatives;
    }

    /** The parts of an address, each of which must be one of some ranges. */
    private record Parts(List<List<Range>> parts) {

        boolean match(int[] address) {
            if (address.length != parts.size()) {
                return false;
            }
            for (int i = 0; i < address.length; i++) {
                int part = address[i];
                if (parts.get(i).stream().noneMatch(range -> range.from <= part && part <= range.to)) {
                    return false;
                }
            }
            return true;
        }
    }

    private record Range(int from, int to) {}

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException where it is none, with the reason
     */
    static AddressPattern parse(String text) {
        List<Parts> alternatives = new ArrayList<>();
        for (String one : outsideBraces(text)) {
            String pattern = one.trim();
            if (pattern.equals("*")) {
                alternatives.add(parts(pattern, Stream.generate(() -> "*").limit(V4_PARTS), V4_PARTS));
                alternatives.add(parts(pattern, Stream.generate(() -> "*").limit(V6_PARTS), V6_PARTS));
            } else if (pattern.contains(":")) {
                alternatives.add(parts(pattern, expanded(pattern), V6_PARTS));
            } else {
                alternatives.add(parts(pattern, Arrays.stream(pattern.split("\\.", -1)), V4_PARTS));
            }
        }
        return new AddressPattern(alternatives);
    }

    /** Whether an address is among them. */
    boolean matches(InetAddress address) {
        byte[] bytes = address.getAddress();
        int width = address instanceof Inet4Address ? 1 : 2;
        int[] parts = new int[bytes.length / width];
        for (int i = 0; i < bytes.length; i++) {
            parts[i / width] = parts[i / width] << 8 | Byte.toUnsignedInt(bytes[i]);
        }
        return alternatives.stream().anyMatch(alternative -> alternative.match(parts));
    }

    private static List<String> outsideBraces(String text) {
        List<String> found = new ArrayList<>();
        int start = 0;
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{' || c == '}') {
                inside = c == '{';
            } else if (c == ',' && !inside) {
                found.add(text.substring(start, i));
                start = i + 1;
            }
        }
        found.add(text.substring(start));
        return found;
    }

    /** Puts the zeros in for which {@code ::} stands. */
    private static Stream<String> expanded(String pattern) {
        int gap = pattern.indexOf("::");
        if (gap < 0) {
            return Arrays.stream(pattern.split(":", -1));
        }
        List<String> before = split(pattern.substring(0, gap));
        List<String> after = split(pattern.substring(gap + 2));
        int zeros = V6_PARTS - before.size() - after.size();
        if (zeros < 1) {
            throw new IllegalArgumentException("'" + pattern + "' has too many parts around ::");
        }
        return Stream.of(before.stream(), Stream.generate(() -> "0").limit(zeros), after.stream())
                .flatMap(parts -> parts);
    }

    private static List<String> split(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(":", -1));
    }

    private static Parts parts(String pattern, Stream<String> spelled, int count) {
        int radix = count == V4_PARTS ? 10 : 16;
        int highest = count == V4_PARTS ? 0xFF : 0xFFFF;
        List<List<Range>> parts =
                spelled.map(part -> ranges(pattern, part, radix, highest)).toList();
        if (parts.size() != count) {
            throw new IllegalArgumentException(
                    "'" + pattern + "' is no address: it has " + parts.size() + " parts, not " + count);
        }
        return new Parts(parts);
    }

    private static List<Range> ranges(String pattern, String part, int radix, int highest) {
        if (part.equals("*")) {
            return List.of(new Range(0, highest));
        }
        boolean several = part.startsWith("{") && part.endsWith("}") && part.length() > 2;
        List<Range> ranges = new ArrayList<>();
        for (String one : several ? part.substring(1, part.length() - 1).split(",", -1) : new String[] {part}) {
            int dash = one.indexOf('-');
            int from = number(pattern, dash < 0 ? one : one.substring(0, dash), radix, highest);
            int to = dash < 0 ? from : number(pattern, one.substring(dash + 1), radix, highest);
            if (from > to) {
                throw new IllegalArgumentException("'" + pattern + "' holds the empty range " + one);
            }
            ranges.add(new Range(from, to));
        }
        return List.copyOf(ranges);
    }

    private static int number(String pattern, String text, int radix, int highest) {
        String digits = text.trim();
        int number = -1;
        boolean plain = !digits.isEmpty()
                && digits.length() <= 5
                && digits.chars().allMatch(c -> c < 128 && Character.digit(c, radix) >= 0);
        if (plain) {
            number = Integer.parseInt(digits, radix);
        }
        if (number < 0 || number > highest) {
            throw new IllegalArgumentException("'" + pattern + "' is no address: '" + digits + "' is not 0 to "
                    + Integer.toString(highest, radix));
        }
        return number;
    }
}
