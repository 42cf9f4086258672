package dev.tally.transport.pulsar.server;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Pulsar standalone as a process to be killed, on the server's class path. Its arguments are the address of its HTTP
 * interface and then the server's own; it prints {@link #READY} when it serves, and ends when its input does.
 */
public final class PulsarMain {

    static final String READY = "pulsar is ready";

    private PulsarMain() {}

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        Thread ending = new Thread(PulsarMain::endWithInput, "end-with-input");
        ending.setDaemon(true);
        ending.start();
        // Not on the class path that this is compiled with.
        Class.forName("org.apache.pulsar.PulsarStandaloneStarter")
                .getMethod("main", String[].class)
                .invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
        HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        HttpRequest question = HttpRequest.newBuilder(URI.create(arguments[0] + "/admin/v2/namespaces/public/default"))
                .timeout(Duration.ofSeconds(30))
                .build();
        while (!isThere(client, question)) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        System.out.println(READY);
    }

    private static boolean isThere(HttpClient client, HttpRequest question) throws InterruptedException {
        try {
            return client.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (java.io.IOException e) {
            return false;
        }
    }

    private static void endWithInput() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is asked this way.
            }
        } catch (java.io.IOException e) {
            // It has ended, too.
        }
        Runtime.getRuntime().halt(0);
    }
}
