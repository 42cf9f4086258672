package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same trip with older clients: their jars replace the current ones in a class loader of their own. */
class OldClientTest {

    @TempDir
    private Path data;

    @ParameterizedTest
    @ValueSource(strings = {"4.9.8", "5.1.4", "5.3.2"})
    void producesConsumesAsksAndDecidesWithAnOldClient(String version) throws Exception {
        // The client finds its logging through the thread's class loader.
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (Broker broker = Broker.start(BrokerConfig.builder(data)
                        .checkImmunity(Duration.ofMillis(500))
                        .delayLevels(Collections.nCopies(18, Duration.ofMillis(300)))
                        .build());
                URLClassLoader old = new URLClassLoader(classPath(version), ClassLoader.getPlatformClassLoader())) {
            Thread.currentThread().setContextClassLoader(old);
            @SuppressWarnings("unchecked")
            Function<String, List<String>> trip =
                    (Function<String, List<String>>) old.loadClass(RoundTrip.class.getName())
                            .getDeclaredConstructor()
                            .newInstance();

            List<String> got = trip.apply(broker.address());

            assertThat(got)
                    .containsExactly(
                            version,
                            "asked and committed",
                            "batched",
                            "batched too",
                            "committed",
                            "delayed",
                            "fails once, attempt 1",
                            "plain",
                            "re: question");
            assertThat(broker.stats().rolledBackByProducer()).isEqualTo(1);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private static URL[] classPath(String version) throws Exception {
        List<URL> urls = new ArrayList<>();
        try (Stream<Path> jars = Files.list(Path.of("target", "client-" + version))) {
            for (Path jar : jars.toList()) {
                urls.add(jar.toUri().toURL());
            }
        }
        assertThat(urls).hasSizeGreaterThanOrEqualTo(3);
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : Arrays.asList(path.split(File.pathSeparator))) {
            if (!entry.matches(".*rocketmq-(client|common|remoting)-[0-9.]+\\.jar")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }
}
