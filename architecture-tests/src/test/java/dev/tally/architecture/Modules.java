package dev.tally.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The modules of the build, read from their folders' {@code target/classes}. */
final class Modules {

    /** Module folder to the module folders that it may use. A module that is missing here fails the rule. */
    static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("core", Set.of()),
            Map.entry("outbox", Set.of("core")),
            Map.entry("saga", Set.of("core")),
            Map.entry("broker", Set.of()),
            Map.entry("transports/rocketmq", Set.of("core")),
            Map.entry("transports/kafka", Set.of("core")),
            Map.entry("transports/rabbitmq", Set.of("core")),
            Map.entry("transports/jms", Set.of("core")),
            Map.entry("transports/redis", Set.of("core")),
            Map.entry("transports/pulsar", Set.of("core")),
            Map.entry("testkit/scenario", Set.of()),
            Map.entry("testkit", Set.of("core", "outbox", "saga", "testkit/scenario")),
            Map.entry(
                    "starter",
                    Set.of(
                            "core",
                            "outbox",
                            "saga",
                            "transports/rocketmq",
                            "transports/kafka",
                            "transports/rabbitmq",
                            "transports/jms",
                            "transports/redis",
                            "transports/pulsar",
                            "broker")),
            Map.entry("sample-order-service", Set.of("core", "saga", "starter")),
            Map.entry("sample-stock-service", Set.of("core", "saga", "starter")),
            Map.entry("sample-demo", Set.of()),
            Map.entry("benchmarks", Set.of("broker", "core", "saga", "starter", "testkit")));

    /** Module folders in which there are only tests. */
    private static final Set<String> ONLY_TESTS = Set.of("architecture-tests", "listener-tests", "application-tests");

    /** Module folders that may import Spring Boot. */
    static final Set<String> BOOT = Set.of("starter", "sample-order-service", "sample-stock-service", "benchmarks");

    private Modules() {}

    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("architecture-tests"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** All main classes of all modules. */
    static JavaClasses classes() {
        List<Location> locations = MAY_USE.keySet().stream()
                .map(module -> root().resolve(module).resolve("target/classes"))
                .filter(Files::isDirectory)
                .map(path -> Location.of(path.toUri()))
                .toList();
        return new ClassFileImporter().importLocations(locations);
    }

    /** The module folder that a class was read from, empty for classes of libraries. */
    static Optional<String> of(JavaClass type) {
        return type.getSource().map(source -> folderOf(source.getUri())).filter(folder -> !folder.isEmpty());
    }

    private static String folderOf(URI uri) {
        String root = root().toUri().getPath();
        String path = uri.getPath();
        if (path == null || !path.startsWith(root) || !path.contains("/target/classes/")) {
            return "";
        }
        return path.substring(root.length(), path.indexOf("/target/classes/"));
    }

    /** The module folders that have a pom.xml, as the build knows them. */
    static List<String> folders() throws IOException {
        try (Stream<Path> poms = Files.find(
                root(),
                3,
                (path, attributes) ->
                        path.endsWith("pom.xml") && !path.toString().contains("/target/"))) {
            return poms.map(pom -> root().relativize(pom.getParent()).toString())
                    .filter(folder -> !folder.isEmpty() && !ONLY_TESTS.contains(folder))
                    .sorted()
                    .toList();
        }
    }
}
