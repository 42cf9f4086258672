package dev.tally.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes {@code docs/scenarios.md}, scenario to test, from the {@code @Scenario} annotations in the sources. */
final class ScenarioPage {

    private static final Pattern SCENARIO = Pattern.compile("@Scenario\\(\"([a-z]+-\\d+)\"\\)");
    private static final Pattern METHOD = Pattern.compile(
            "^(\\s*)(?:public |protected |private |static |final )*" + "(?:void|[A-Z][\\w<>, ?]*)\\s+(\\w+)\\(");
    private static final Pattern TYPE = Pattern.compile(
            "^(\\s*)(?:public |protected |private |static |final |abstract )*" + "(?:class|interface) (\\w+)");

    private ScenarioPage() {}

    static String generate() throws IOException {
        Map<String, TreeSet<String>> tests =
                new TreeMap<>(Comparator.comparing(ScenarioPage::suite).thenComparingInt(ScenarioPage::number));
        for (Path source : sources()) {
            read(source, tests);
        }
        StringBuilder page = new StringBuilder(
                "# Failure scenarios and the tests that show them\n\n"
                        + "Generated from the `@Scenario` annotations of the tests and compared by the build; `mvn -pl architecture-tests\n"
                        + "-am test -Dtally.docs.rewrite=true` writes it anew. `broker-n` are faults of the broker and its disk,\n"
                        + "`messaging-n` of publishing and consuming. A number that is missing here is not shown by a test yet, or only in part.\n\n| scenario | tests |\n|---|---|\n");
        tests.forEach((scenario, names) -> page.append("| ")
                .append(scenario)
                .append(" | ")
                .append(String.join("<br>", names))
                .append(" |\n"));
        return page.toString();
    }

    private static String suite(String scenario) {
        return scenario.substring(0, scenario.lastIndexOf('-'));
    }

    private static int number(String scenario) {
        return Integer.parseInt(scenario.substring(scenario.lastIndexOf('-') + 1));
    }

    private static List<Path> sources() throws IOException {
        Path root = Modules.root();
        List<Path> sources = new ArrayList<>();
        for (String module : Modules.folders()) {
            for (String folder : List.of("src/test/java", "src/main/java")) {
                Path path = root.resolve(module).resolve(folder);
                if (Files.isDirectory(path)) {
                    try (Stream<Path> files = Files.walk(path)) {
                        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                    }
                }
            }
        }
        return sources;
    }

    /** Annotations stand before a method or a type; what follows them next is what they are on. */
    private static void read(Path source, Map<String, TreeSet<String>> tests) throws IOException {
        List<String> open = new ArrayList<>();
        String outermost = source.getFileName().toString().replace(".java", "");
        String type = outermost;
        int nestedAt = 0;
        for (String line : Files.readAllLines(source)) {
            Matcher scenario = SCENARIO.matcher(line);
            while (scenario.find() && !line.strip().startsWith("*")) {
                open.add(scenario.group(1));
            }
            Matcher declaredType = TYPE.matcher(line);
            Matcher declaredMethod = METHOD.matcher(line);
            String test = null;
            if (declaredType.find()) {
                nestedAt = declaredType.group(1).length();
                type = nestedAt == 0 ? declaredType.group(2) : outermost + "." + declaredType.group(2);
                test = "`" + type + "`";
            } else if (declaredMethod.find()) {
                // Sources are formatted: what stands no deeper than a nested type is behind its end.
                String owner = declaredMethod.group(1).length() > nestedAt ? type : outermost;
                test = "`" + owner + "." + declaredMethod.group(2) + "`";
            }
            if (test != null) {
                for (String id : open) {
                    tests.computeIfAbsent(id, key -> new TreeSet<>()).add(test);
                }
                open.clear();
            }
        }
    }
}
