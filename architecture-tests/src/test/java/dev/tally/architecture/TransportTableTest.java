package dev.tally.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tally.testkit.TransportFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class TransportTableTest {

    @Test
    void theReadMesShowWhatTheSuitesHaveShown() throws IOException {
        TransportTable table = TransportTable.read(Modules.root());
        List<String> missing = table.missing();
        boolean lenient = !Boolean.parseBoolean(System.getenv("CI")) && !Boolean.getBoolean("tally.docs.rewrite");
        if (lenient) {
            assumeTrue(missing.isEmpty(), () -> "skipped: there are no results of " + missing);
            // RabbitMQ is what the machine has; another version changes the table's head.
            String head = "| RabbitMQ 3.10.8 |";
            assumeTrue(
                    table.generate("", TransportFeature::title).contains(head), "skipped: another version of RabbitMQ");
        }
        assertThat(missing).as("brokers without results").isEmpty();
        compare("README.md", table.generate("", TransportFeature::title));
        compare("README.zh-CN.md", table.generate("", TransportTable::chinese));
    }

    private static void compare(String name, String table) throws IOException {
        Path file = Modules.root().resolve(name);
        String page = Files.readString(file);
        String wanted = TransportTable.replace(page, table);
        if (Boolean.getBoolean("tally.docs.rewrite")) {
            Files.writeString(file, wanted);
            page = wanted;
        }
        assertThat(page)
                .as("%s has a generated table; -Dtally.docs.rewrite=true writes it anew", name)
                .isEqualTo(wanted);
    }

    @Test
    void aTableIsReplacedAndNothingElse() {
        String page = "a\n" + TransportTable.BEGIN + "\nold\n" + TransportTable.END + "\nb";
        Function<String, String> replaced = table -> TransportTable.replace(page, table);
        assertThat(replaced.apply("NEW")).isEqualTo("a\nNEW\nb");
    }
}
