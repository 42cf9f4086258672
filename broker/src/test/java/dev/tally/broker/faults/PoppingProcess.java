package dev.tally.broker.faults;

import dev.tally.broker.BrokerProcess;
import dev.tally.broker.OfficialClients;
import dev.tally.broker.PopClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.consumer.PopStatus;
import org.apache.rocketmq.common.message.MessageExt;

/** A consumer in a process of its own: pops once, and acknowledges when it is told to, however late that is. */
final class PoppingProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader lines;
    private final PrintStream orders;

    private PoppingProcess(Process process) {
        this.process = process;
        lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    static PoppingProcess launch(Path errors, String address, String topic, String group, long invisibleMillis)
            throws IOException {
        return new PoppingProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Drocketmq.client.logUseSlf4j=true",
                        "-cp",
                        BrokerProcess.classPath(),
                        PoppingProcess.class.getName(),
                        address,
                        topic,
                        group,
                        String.valueOf(invisibleMillis))
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start());
    }

    public static void main(String[] arguments) throws Exception {
        try (OfficialClients clients = new OfficialClients(arguments[0])) {
            PopClient popper = new PopClient(clients.producer("stopped"), arguments[0], arguments[1], arguments[2]);
            PopResult popped = popper.pop(-1, 32, Long.parseLong(arguments[3]), 30_000, false, null);
            if (popped.getPopStatus() != PopStatus.FOUND) {
                throw new IllegalStateException("Nothing to pop: " + popped);
            }
            System.out.println("popped " + popped.getMsgFoundList().size());
            System.in.read();
            int done = 0;
            for (MessageExt message : popped.getMsgFoundList()) {
                done += popper.acknowledge(message).getStatus() == AckStatus.OK ? 1 : 0;
            }
            System.out.println("acknowledged " + done);
        }
    }

    /** The number in the next line that begins with that word. */
    int awaitNumber(String word) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(word + " ")) {
                return Integer.parseInt(line.substring(word.length() + 1));
            }
        }
        throw new AssertionError("The consumer ended before it said how many it has " + word);
    }

    void acknowledge() {
        orders.println();
    }

    String pid() {
        return String.valueOf(process.pid());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
