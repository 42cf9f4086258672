package dev.tally.broker.conformity;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.broker.BrokerProcess;
import dev.tally.broker.OfficialClients;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** Starts the brokers that {@code tally.conformity.targets} names; default is both. */
final class Targets {

    /** Of both brokers; a message is redelivered first at level 3. */
    static final String DELAY_LEVELS = "1s 2s 1s 1s 1s 1s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m";

    static final String TALLY = "tally";
    static final String ROCKETMQ = "rocketmq";

    private static final Pattern READY = Pattern.compile("ready on (\\S+)");
    private static final Pattern LEVEL = Pattern.compile("(\\d+)([sm])");
    private static final int HELPER_TIMEOUT_MILLIS = 60_000;

    private Targets() {}

    /** The names that are selected. */
    static List<String> names() {
        return List.of(System.getProperty("tally.conformity.targets", TALLY + "," + ROCKETMQ)
                .split(","));
    }

    static Target start(String name) {
        try {
            Path directory = Files.createDirectories(Path.of(
                            "target",
                            "conformity",
                            name + "-" + ProcessHandle.current().pid())
                    .toAbsolutePath());
            return switch (name) {
                case TALLY -> tally(directory);
                case ROCKETMQ -> rocketMq(directory);
                default -> throw new IllegalArgumentException("No target is named " + name);
            };
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start target " + name, e);
        }
    }

    private static Target tally(Path directory) throws MQClientException {
        Broker broker = Broker.start(BrokerConfig.builder(directory)
                .delayLevels(delayLevels())
                .checkImmunity(Duration.ofSeconds(1))
                .checkInterval(Duration.ofSeconds(1))
                .build());
        return new Target(TALLY, broker.address(), helper(broker.address()), () -> {
            broker.close();
            delete(directory);
        });
    }

    private static Target rocketMq(Path directory) throws Exception {
        Path errors = directory.resolve("process.err");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-Duser.home=" + directory,
                        "-cp",
                        BrokerProcess.classPath(),
                        RocketMqMain.class.getName(),
                        directory.toString())
                .redirectError(errors.toFile())
                .start();
        try {
            String address = address(process, errors);
            return new Target(ROCKETMQ, address, helper(address), () -> {
                process.destroyForcibly().waitFor();
                delete(directory);
            });
        } catch (Exception | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Waits as long as it takes: the process itself gives up. */
    private static String address(Process process, Path errors) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                // What it says later would fill the pipe and stop it.
                Thread drain = new Thread(() -> lines.lines().forEach(unread -> {}), "rocketmq-output");
                drain.setDaemon(true);
                drain.start();
                return ready.group(1);
            }
        }
        throw new AssertionError("RocketMQ ended without being ready:\n" + Files.readString(errors));
    }

    private static DefaultMQProducer helper(String address) throws MQClientException {
        DefaultMQProducer helper = new DefaultMQProducer("conformity-helper");
        helper.setNamesrvAddr(address);
        helper.setInstanceName(OfficialClients.nextInstance());
        helper.setSendMsgTimeout(HELPER_TIMEOUT_MILLIS);
        helper.setMqClientApiTimeout(HELPER_TIMEOUT_MILLIS);
        helper.start();
        helper.getDefaultMQProducerImpl().getMqClientFactory().getMQAdminImpl().setTimeoutMillis(HELPER_TIMEOUT_MILLIS);
        return helper;
    }

    static List<Duration> delayLevels() {
        return LEVEL.matcher(DELAY_LEVELS)
                .results()
                .map(level -> level.group(2).equals("s")
                        ? Duration.ofSeconds(Long.parseLong(level.group(1)))
                        : Duration.ofMinutes(Long.parseLong(level.group(1))))
                .toList();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
