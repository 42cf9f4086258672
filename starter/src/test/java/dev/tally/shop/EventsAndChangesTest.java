package dev.tally.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.tally.outbox.change.EntityChange;
import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.outbox.change.EntityChange.PropertyChange;
import dev.tally.outbox.change.EntityChangeReader;
import dev.tally.shop.ShopApplication.Desk;
import dev.tally.shop.ShopApplication.Refused;
import dev.tally.shop.ShopApplication.Watcher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.IllegalTransactionStateException;

/** Spring Data's domain events and Hibernate's changes, from a repository to a consumer. */
@SpringBootTest(
        classes = ShopApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {
            "shop.changes=shop-changes",
            "spring.datasource.url=jdbc:h2:mem:shop;DB_CLOSE_DELAY=-1",
            "spring.jpa.hibernate.ddl-auto=update",
            "spring.jpa.properties.hibernate.jdbc.batch_size=20",
            "spring.jpa.open-in-view=false",
            "tally.jdbc.initialize-schema=always",
            "tally.rocketmq.close-timeout=1s"
        })
@DirtiesContext
class EventsAndChangesTest {

    @TempDir
    static Path directory;

    @Autowired
    private ShopOrders orders;

    @Autowired
    private Desk desk;

    @Autowired
    private Watcher watcher;

    @Autowired
    private EntityChangeReader reader;

    @Autowired
    private JdbcTemplate jdbc;

    @Autowired
    private ApplicationEventPublisher events;

    private final String id = UUID.randomUUID().toString();

    record Copy(int total, boolean paid) {}

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        registry.add("tally.broker.data-directory", () -> directory.resolve("broker"));
    }

    private List<Object> seen(int count) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> ofThisTest().size() >= count);
        return ofThisTest();
    }

    private List<Object> ofThisTest() {
        return watcher.seen.stream()
                .filter(each -> each.toString().contains(id))
                .toList();
    }

    private EntityChange change(int count) {
        return seen(count).stream()
                .filter(EntityChange.class::isInstance)
                .map(EntityChange.class::cast)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Test
    void aRepositorysOwnTransactionPublishesTheEventAndWhatWasWritten() {
        orders.save(new ShopOrder(id, 3));

        assertThat(seen(2)).contains(new ShopOrder.Happened(id, "placed"));
        EntityChange change = change(2);
        assertThat(change.operation()).isEqualTo(Operation.CREATED);
        assertThat(change.entity()).isEqualTo("ShopOrder");
        assertThat(reader.state(change, Copy.class)).isEqualTo(new Copy(3, false));
        assertThat(change.state()).containsOnlyKeys("total", "paid", "place");
        assertThat(reader.id(change, String.class)).isEqualTo(id);
    }

    @Test
    void severalEventsOfOneTransactionKeepTheirOrderAndItsChangesAreOne() {
        desk.placeAndPay(id);

        assertThat(seen(3))
                .filteredOn(each -> !(each instanceof EntityChange))
                .containsExactly(new ShopOrder.Happened(id, "placed"), new ShopOrder.Happened(id, "paid"));
        assertThat(reader.state(change(3), Copy.class)).isEqualTo(new Copy(5, true));

        ShopOrder order = orders.findById(id).orElseThrow();
        order.total = 10;
        orders.save(order);
        EntityChange update = change(4);
        assertThat(update.operation()).isEqualTo(Operation.UPDATED);
        assertThat(update.changed()).containsOnlyKeys("total").containsEntry("total", new PropertyChange(5, 10));

        orders.deleteById(id);
        assertThat(change(5).operation()).isEqualTo(Operation.DELETED);
    }

    @Test
    void whatIsCascadedBatchedEmbeddedAndDeletedSoftlyArrivesInTheOrderOfItsTransactions() {
        ShopOrder order = new ShopOrder(id, 3);
        order.place = new ShopOrder.Place("Lyon", "Rue 1");
        List.of("pen", "ink", "pad").forEach(what -> order.lines.add(new ShopLine(order, what)));
        orders.save(order);
        ShopOrder stored = orders.findById(id).orElseThrow();
        stored.place = new ShopOrder.Place("Paris", "Rue 1");
        stored.lines.removeIf(line -> line.what.equals("ink"));
        stored.lines.stream().filter(line -> line.what.equals("pen")).forEach(pen -> pen.what = "red pen");
        orders.save(stored);
        orders.deleteById(id);

        List<EntityChange> changes = seen(11).stream()
                .filter(EntityChange.class::isInstance)
                .map(EntityChange.class::cast)
                .toList();
        assertThat(changes)
                .extracting(change -> change.operation() + " " + change.entity() + " "
                        + change.state().get("what"))
                .startsWith("CREATED ShopOrder null", "CREATED ShopLine pen", "CREATED ShopLine ink")
                .containsSubsequence("CREATED ShopLine pad", "UPDATED ShopOrder null", "DELETED ShopOrder null")
                .containsSubsequence("CREATED ShopLine pen", "UPDATED ShopLine red pen", "DELETED ShopLine red pen")
                .containsSubsequence("CREATED ShopLine ink", "DELETED ShopLine ink")
                .containsSubsequence("CREATED ShopLine pad", "DELETED ShopLine pad")
                .hasSize(10);
        assertThat(changes)
                .filteredOn(change -> change.operation() == Operation.UPDATED)
                .extracting(EntityChange::changed)
                .containsExactlyInAnyOrder(
                        Map.of("place.city", new PropertyChange("Lyon", "Paris")),
                        Map.of("what", new PropertyChange("pen", "red pen")));
        assertThat(changes)
                .filteredOn(each -> each.entity().equals("ShopLine"))
                .allMatch(line -> id.equals(line.state().get("order")));
        assertThat(jdbc.queryForObject("SELECT count(*) FROM shop_line WHERE order_id = ?", Integer.class, id))
                .isEqualTo(3);
    }

    @Test
    void whatAListenerChangesWhenTheCommitHasBegunIsAChangeMore() {
        orders.save(new ShopOrder("late-" + id, 3));

        assertThat(seen(3))
                .filteredOn(EntityChange.class::isInstance)
                .extracting(each -> ((EntityChange) each).operation())
                .containsExactly(Operation.CREATED, Operation.UPDATED);
        assertThat(change(3).changed()).isEqualTo(Map.of("total", new PropertyChange(3, 4)));
        assertThat(change(3).version()).isEqualTo(1);
    }

    @Test
    void nothingLeavesOfATransactionThatRollsBack() {
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> desk.placeAndFail(id));
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> events.publishEvent(new ShopOrder.Happened(id, "paid")))
                .withMessageContaining("there is no transaction");
        orders.save(new ShopOrder("after-" + id, 1));

        assertThat(seen(2)).allMatch(each -> each.toString().contains("after-" + id));
        assertThat(jdbc.queryForObject("SELECT count(*) FROM shop_order WHERE id = ?", Integer.class, id))
                .isZero();
    }
}
