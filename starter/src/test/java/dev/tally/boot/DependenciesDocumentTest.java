package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What the starter puts on a user's class path, as Maven resolves it, is what the document says. To write the document
 * anew, run with {@code -Dtally.docs.rewrite=true}.
 */
class DependenciesDocumentTest {

    private static final Path RESOLVED = Path.of("target/runtime-dependencies.txt");
    private static final Path DOCUMENT = Path.of("../docs/dependencies.md");

    private static final Pattern LINE = Pattern.compile(
            "\\s+([\\w.-]+):([\\w.-]+):jar:(?:[\\w-]+:)?([\\w.-]+):(?:compile|runtime):(.*?)(?: -- module .*)?");

    /**
     * Optional to users (Hibernate, the actuator) and in test scope here at once, which Maven lists as if users got them.
     * Whole groups, or single libraries of groups of which users get others. Compared with the list of an application that
     * depends on the starter alone.
     */
    private static final Set<String> NOT_FOR_USERS = Set.of(
            "jakarta.activation",
            "jakarta.xml.bind",
            "net.bytebuddy",
            "io.micrometer:micrometer-core",
            "org.hdrhistogram",
            "org.springframework.boot:spring-boot-micrometer-observation");

    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("dev.tally", "Tally"),
            Map.entry("org.apache.rocketmq", "RocketMQ's client and its Spring Boot starter"),
            Map.entry("org.springframework.boot", "Spring Boot"),
            Map.entry("org.springframework", "Spring Framework"),
            Map.entry("io.netty", "RocketMQ's client: connections"),
            Map.entry("com.zaxxer", "Spring Boot: connection pool"),
            Map.entry("tools.jackson.core", "payloads as JSON"),
            Map.entry("io.micrometer", "Spring Framework: observations"),
            Map.entry("org.slf4j", "logging"),
            Map.entry("ch.qos.logback", "Spring Boot: logging"),
            Map.entry("org.apache.logging.log4j", "Spring Boot: logging"),
            Map.entry("org.yaml", "Spring Boot: configuration files"),
            Map.entry("jakarta.annotation", "Spring Boot"),
            Map.entry("jakarta.validation", "RocketMQ's Spring Boot starter: validation"),
            Map.entry("org.hibernate.validator", "RocketMQ's Spring Boot starter: validation"),
            Map.entry("org.jboss.logging", "RocketMQ's Spring Boot starter: validation"),
            Map.entry("org.apache.tomcat.embed", "RocketMQ's Spring Boot starter: validation"),
            Map.entry("com.fasterxml", "RocketMQ's Spring Boot starter: validation"),
            Map.entry("com.fasterxml.jackson.core", "RocketMQ's Spring Boot starter: its own message converter"),
            Map.entry("com.fasterxml.jackson.datatype", "RocketMQ's Spring Boot starter: its own message converter"),
            Map.entry("io.opentelemetry", "RocketMQ's client: it counts requests through this interface"),
            Map.entry("org.jspecify", "null annotations"));

    @Test
    void listsWhatUsersGet() throws IOException {
        String expected = document(Files.readAllLines(RESOLVED));

        if (Boolean.getBoolean("tally.docs.rewrite")) {
            Files.createDirectories(DOCUMENT.getParent());
            Files.writeString(DOCUMENT, expected);
        }

        assertThat(Files.readString(DOCUMENT)).isEqualTo(expected);
    }

    @Test
    void bringsNoneOfTheLibrariesThatOnlyServersNeedOrThatHaveKnownHoles() throws IOException {
        assertThat(Files.readString(RESOLVED).lines().filter(line -> !line.contains("(optional")))
                .isNotEmpty()
                .noneMatch(line -> line.matches("\\s+(com\\.alibaba:fastjson|io\\.grpc|com\\.squareup|org\\.jetbrains"
                        + "|javax\\.|org\\.apache\\.tomcat:annotations-api|org\\.apache\\.rocketmq:rocketmq-rocksdb"
                        + "|io\\.netty:netty-all|io\\.prometheus):.*"))
                .noneMatch(line -> line.contains("opentelemetry-exporter"));
    }

    private static String document(List<String> resolved) throws IOException {
        StringBuilder rows = new StringBuilder();
        long total = 0;
        int count = 0;
        for (String line : resolved.stream().sorted().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (line.contains("(optional")
                    || !matcher.matches()
                    || NOT_FOR_USERS.contains(matcher.group(1))
                    || NOT_FOR_USERS.contains(matcher.group(1) + ":" + matcher.group(2))) {
                continue;
            }
            boolean own = matcher.group(1).equals("dev.tally");
            long kilobytes = own ? 0 : Files.size(Path.of(matcher.group(4).strip())) / 1024;
            total += kilobytes;
            count++;
            rows.append(String.format(
                    Locale.ROOT,
                    "| %s:%s | %s | %s | %s |%n",
                    matcher.group(1),
                    matcher.group(2),
                    own ? "" : matcher.group(3),
                    own ? "" : Long.toString(kilobytes),
                    REASONS.getOrDefault(matcher.group(1), "RocketMQ's client")));
        }
        assertThat(count).isGreaterThan(30);
        return """
                # What the starter brings along

                Everything that `tally-spring-boot-starter` puts on an application's class path, as Maven resolves it with Spring
                Boot's dependency management: %d libraries, %d kB beside Tally's own. A test compares this page with the build
                (`DependenciesDocumentTest`; `-Dtally.docs.rewrite=true` writes it anew).

                Left out on purpose, because RocketMQ's client never runs a class that needs them: fastjson 1.x,
                gRPC, OkHttp, Okio and Kotlin, the OpenTelemetry exporters, Prometheus' server, RocksDB, `netty-all` (of which
                two modules stay), Tomcat's old `annotations-api`, and RocketMQ's private Logback, which would write files below
                the user's home; its log goes to the application's SLF4J instead. `rocketmq-acl` is part of `rocketmq-client`
                since 5.5.0.

                | library | version | kB | why |
                |---|---|--:|---|
                %s""".formatted(count, total, rows);
    }
}
