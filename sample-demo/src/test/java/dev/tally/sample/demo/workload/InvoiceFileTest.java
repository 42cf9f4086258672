package dev.tally.sample.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InvoiceFileTest {

    private static final String HEADER =
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    @TempDir
    Path directory;

    @Test
    void groupsTheLinesOfAnInvoiceIntoOneOrderEvenWhenOthersComeBetween() throws Exception {
        Workload workload = read(HEADER
                + "1,A,First,2,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
                + "2,B,Other,1,2010-12-01 08:26:00,1,13047.0,France\n"
                + "1,C,Second,3,2010-12-01 08:26:00,3.39,17850.0,United Kingdom\n");

        assertThat(workload.orders())
                .containsExactly(
                        new NewOrder(
                                "1",
                                "17850.0",
                                "United Kingdom",
                                List.of(
                                        new NewOrder.Line("A", "First", 2, new BigDecimal("2.55")),
                                        new NewOrder.Line("C", "Second", 3, new BigDecimal("3.39")))),
                        new NewOrder(
                                "2", "13047.0", "France", List.of(new NewOrder.Line("B", "Other", 1, BigDecimal.ONE))));
    }

    @Test
    void readsQuotedFieldsWithCommasQuotesAndLineBreaks() throws Exception {
        Workload workload = read(HEADER + "1,A,\"Box, \"\"large\"\"\nred\",2,d,2.55,,\"Channel Islands\"\n");

        NewOrder order = workload.orders().get(0);
        assertThat(order.lines().get(0).description()).isEqualTo("Box, \"large\"\nred");
        assertThat(order.customerId()).isEmpty();
    }

    @Test
    void aCancellationIsOfItsCustomersLastInvoiceBeforeItOrElseOfTheLastOne() throws Exception {
        Workload workload = read(HEADER + "C0,A,a,-2,d,2.55,1,UK\n" + "1,A,a,1,d,1,7,UK\n" + "2,A,a,1,d,1,7,UK\n"
                + "3,A,a,1,d,1,8,UK\n" + "C4,A,a,-1,d,1,7,UK\n" + "C4,B,b,-1,d,1,7,UK\n" + "4,A,a,1,d,1,,UK\n"
                + "C5,A,a,-1,d,1,7,UK\n" + "C6,A,a,-1,d,1,9,UK\n" + "C7,A,a,-1,d,1,,UK\n" + "C8,A,a,-1,d,1,1,UK\n");

        assertThat(workload.orders()).extracting(NewOrder::orderId).containsExactly("1", "2", "3", "4");
        assertThat(workload.cancellations())
                .containsExactly(
                        new Cancellation("2", 3),
                        new Cancellation("1", 4),
                        new Cancellation("4", 4),
                        new Cancellation("3", 4));
        assertThat(workload.leftOut()).isEqualTo(2);
    }

    @Test
    void keepsLinesThatMakeNoSenseBecauseRefusingThemIsTheServicesBusiness() throws Exception {
        Workload workload = read(HEADER + "1,,a,0,d,1,1,UK\n" + "1,B,b,-7,d,0.0,1,UK\n");

        assertThat(workload.orders().get(0).lines())
                .extracting(NewOrder.Line::sku, NewOrder.Line::quantity)
                .containsExactly(tuple("", 0), tuple("B", -7));
    }

    @Test
    void takesAByteOrderMarkAndWindowsLineEnds() throws Exception {
        Workload workload = read("\uFEFF" + HEADER.replace("\n", "\r\n") + "1,A,a,1,d,1,1,UK\r\n");

        assertThat(workload.orders()).hasSize(1);
    }

    @Test
    void saysInOneLineWhatIsWrongWithAFile() {
        assertRefused("", "it is empty");
        assertRefused("Invoice,Code\n1,2\n", "the header is not InvoiceNo,StockCode,");
        assertRefused(HEADER, "it holds no invoice");
        assertRefused(HEADER + "1,A,a,1,d,1,1\n", "record 2 has 7 fields, not 8");
        assertRefused(HEADER + "1,A,a,1,d,1,1,UK,more\n", "record 2 has 9 fields, not 8");
        assertRefused(HEADER + " ,A,a,1,d,1,1,UK\n", "record 2 has no InvoiceNo");
        assertRefused(HEADER + "1,A,a,many,d,1,1,UK\n", "record 2 has Quantity 'many', not a number");
        assertRefused(HEADER + "1,A,a,1.5,d,1,1,UK\n", "record 2 has Quantity '1.5', not a whole number");
        assertRefused(HEADER + "1,A,a,99999999999,d,1,1,UK\n", "not a whole number");
        assertRefused(HEADER + "1,A,a,1,d,cheap,1,UK\n", "record 2 has UnitPrice 'cheap', not a number");
        assertRefused(HEADER + "1,\"A\"x,a,1,d,1,1,UK\n", "Cannot read orders from");
        assertRefused(HEADER + "1,\"A,a,1,d,1,1,UK\n", "Cannot read orders from");
    }

    @Test
    void saysThatAFileIsMissingOrNotText() throws IOException {
        assertThatThrownBy(() -> new InvoiceFile(directory.resolve("none.csv")).read())
                .isInstanceOf(InvoiceFileException.class)
                .hasMessageContaining("there is no such file");

        Path latin1 = directory.resolve("latin1.csv");
        Files.write(latin1, (HEADER + "1,A,£,1,d,1,1,UK\n").getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> new InvoiceFile(latin1).read())
                .isInstanceOf(InvoiceFileException.class)
                .hasMessageContaining("it is not UTF-8 text");

        assertThatThrownBy(() -> new InvoiceFile(directory).read()).isInstanceOf(InvoiceFileException.class);
    }

    @Test
    void anOrderCanDoWithoutItsRefusedLines() {
        NewOrder order = new NewOrder(
                "1",
                "c",
                "UK",
                List.of(
                        new NewOrder.Line("A", "", 1, BigDecimal.ONE),
                        new NewOrder.Line("B", "", 0, BigDecimal.ONE),
                        new NewOrder.Line("C", "", 1, BigDecimal.ONE)));

        assertThat(order.without(Set.of(2)).lines())
                .extracting(NewOrder.Line::sku)
                .containsExactly("A", "C");
    }

    private void assertRefused(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(InvoiceFileException.class)
                .hasMessageContaining(message);
    }

    private Workload read(String text) throws IOException, InvoiceFileException {
        Path file = directory.resolve("invoices.csv");
        Files.writeString(file, text);
        return new InvoiceFile(file).read();
    }
}
