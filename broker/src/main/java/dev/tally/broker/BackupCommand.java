package dev.tally.broker;

import dev.tally.broker.engine.StoreTools;
import dev.tally.broker.env.DirectoryLockedException;
import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.SystemClock;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Copies the data of a broker: of a stopped one itself, of a running one by asking it. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = "Copy the data of a broker to a new directory, from which a broker can be started.")
final class BackupCommand implements Callable<Integer> {

    private static final int OK = 200;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The data directory.")
    private @Nullable Path data;

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "Where the copy goes; must not exist.")
    private @Nullable Path to;

    @Option(
            names = "--admin-port",
            paramLabel = "N",
            description =
                    "The admin port of the broker that runs on the data; it must have been started with --backups.")
    private @Nullable Integer adminPort;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path from = Objects.requireNonNull(data);
        Path target = Objects.requireNonNull(to).toAbsolutePath();
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (adminPort != null) {
            out.println(ask(adminPort, target));
        } else {
            out.println("copied " + copy(from, target) + " bytes of log from " + from + " to " + target);
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static long copy(Path from, Path target) throws IOException {
        StoreTools tools = new StoreTools(new FileSystemDisk(), new SystemClock(), new SecureRandom());
        try {
            return tools.backup(from, target);
        } catch (DirectoryLockedException e) {
            throw new IOException(e.getMessage() + "; to copy the data of a running broker, name its --admin-port", e);
        }
    }

    private static String ask(int port, Path target) throws IOException, InterruptedException {
        String host = InetAddress.getLoopbackAddress().getHostAddress();
        URI uri = URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/backup?to="
                + URLEncoder.encode(target.toString(), StandardCharsets.UTF_8).replace("+", "%20"));
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("X-Tally-Backup", "1")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != OK) {
            throw new IOException("The broker at port " + port + " wrote no backup: " + response.body());
        }
        return response.body();
    }
}
