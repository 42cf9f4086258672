package dev.tally.sample.demo.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.sample.demo.time.SystemPacing;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {

    private static final URI NOBODY = URI.create("http://127.0.0.1:1/");

    @TempDir
    Path directory;

    private Child child;

    @AfterEach
    void leaveNothingBehind() {
        if (child != null) {
            child.abandon();
        }
    }

    @Test
    void saysWhatAProcessSaidLastThatEndsBeforeItIsReady() throws Exception {
        child = child(List.of("sh", "-c", "echo first; echo no luck; exit 3"));
        child.start();

        assertThatThrownBy(child::awaitReady)
                .isInstanceOf(ProcessFailedException.class)
                .hasMessageContaining("ended with code 3 before it was ready (\"no luck\")")
                .hasMessageContaining("its log is " + directory.resolve("child.log"));
    }

    @Test
    void refusesToStartWhenAnotherProgramHasThePort() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = other.getLocalPort();
            child = child(List.of("sleep", "60"), port);

            assertThatThrownBy(child::start)
                    .isInstanceOf(ProcessFailedException.class)
                    .hasMessageContaining("port " + port + " on 127.0.0.1 is in use by another program");
        }
    }

    @Test
    void killsAndStartsAgain() throws Exception {
        child = child(List.of("sleep", "60"));
        child.start();
        long first = child.pid();

        child.kill();
        child.start();

        assertThat(ProcessHandle.of(first)).isNotPresent();
        assertThat(child.pid()).isNotEqualTo(first);
        assertThat(child.starts()).isEqualTo(2);
    }

    @Test
    void startsNothingAfterItWasAbandoned() throws Exception {
        child = child(List.of("sleep", "60"));
        child.start();
        long pid = child.pid();

        child.abandon();

        assertThat(ProcessHandle.of(pid)).isNotPresent();
        assertThatThrownBy(child::start).isInstanceOf(ProcessFailedException.class);
    }

    @Test
    void givesEachPortOnceAndBelowThoseOfOutgoingConnections() throws Exception {
        Ports ports = new Ports(new SplittableRandom(1));

        assertThat(List.of(ports.next(), ports.next(), ports.next()))
                .doesNotHaveDuplicates()
                .allSatisfy(port -> assertThat(port).isBetween(15_000, 30_000));
    }

    private Child child(List<String> command, Integer... ports) {
        Program program = new Program("the child", command, List.of(ports), NOBODY, directory.resolve("child.log"));
        return new Child(program, HttpClient.newHttpClient(), new SystemPacing());
    }
}
