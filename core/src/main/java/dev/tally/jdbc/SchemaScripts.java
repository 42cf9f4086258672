package dev.tally.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * Where the schema scripts of Tally's modules are: {@code tally/schema/<module>/<dialect>/V<n>__<what>.sql} on the
 * class path. The names are Flyway's; each module counts its versions for itself, so each wants a history table of its
 * own. Every script can be run again and changes nothing then.
 *
 * @since 0.1
 */
public final class SchemaScripts {

    private static final String ROOT = "tally/schema/";
    private static final String CORE = "core";
    private static final Pattern LOCATION = Pattern.compile(".*(" + ROOT + "([^/]+)/[^/]+/V(\\d{1,9})__[^/]+\\.sql)");

    private SchemaScripts() {}

    /**
     * The class path locations of the scripts of every module that is present, in the order in which they are to be run:
     * core first, then the other modules by name, each by version.
     *
     * @throws UncheckedIOException if the class path cannot be searched
     */
    public static List<String> locations(Dialect dialect) {
        String pattern = "classpath*:" + ROOT + "*/" + dialect.id() + "/V*__*.sql";
        try {
            Resource[] found = new PathMatchingResourcePatternResolver().getResources(pattern);
            return Stream.of(found)
                    .map(SchemaScripts::script)
                    .sorted(Comparator.comparing((Script script) -> !script.module.equals(CORE))
                            .thenComparing(Script::module)
                            .thenComparingInt(Script::version))
                    .map(Script::location)
                    .distinct()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot search the class path for schema scripts by " + pattern, e);
        }
    }

    private static Script script(Resource resource) {
        try {
            String url = resource.getURL().toString();
            Matcher matcher = LOCATION.matcher(url);
            if (!matcher.matches()) {
                throw new IOException("Cannot read a version from the name of schema script " + url);
            }
            return new Script(group(matcher, 1), group(matcher, 2), Integer.parseInt(group(matcher, 3)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String group(Matcher matcher, int number) {
        return java.util.Objects.requireNonNull(matcher.group(number));
    }

    private record Script(String location, String module, int version) {}
}
