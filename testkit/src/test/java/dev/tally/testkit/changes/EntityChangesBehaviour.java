package dev.tally.testkit.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.outbox.change.EntityChange;
import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.outbox.change.EntityChange.PropertyChange;
import dev.tally.testkit.TestDatabase;
import dev.tally.testkit.changes.Shop.Address;
import dev.tally.testkit.changes.Shop.Badge;
import dev.tally.testkit.changes.Shop.Booking;
import dev.tally.testkit.changes.Shop.BookingId;
import dev.tally.testkit.changes.Shop.Car;
import dev.tally.testkit.changes.Shop.Contact;
import dev.tally.testkit.changes.Shop.Customer;
import dev.tally.testkit.changes.Shop.FlaggedNote;
import dev.tally.testkit.changes.Shop.Invoice;
import dev.tally.testkit.changes.Shop.Level;
import dev.tally.testkit.changes.Shop.Score;
import dev.tally.testkit.changes.Shop.Seat;
import dev.tally.testkit.changes.Shop.SeatId;
import dev.tally.testkit.changes.Shop.Shelf;
import dev.tally.testkit.changes.Shop.SoftNote;
import dev.tally.testkit.changes.Shop.Ticket;
import dev.tally.testkit.changes.Shop.Truck;
import dev.tally.testkit.changes.Shop.Unpublished;
import dev.tally.testkit.changes.ShopDatabase.Published;
import jakarta.persistence.LockModeType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.hibernate.Hibernate;
import org.hibernate.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** What is published of entities' changes, on every database. */
abstract class EntityChangesBehaviour {

    ShopDatabase shop;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void open() {
        shop = new ShopDatabase(createDatabase());
    }

    @AfterEach
    void close() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        shop.close();
    }

    Customer customer(long id) {
        return shop.entities.find(Customer.class, id);
    }

    private Customer anna() {
        Customer anna = new Customer(1, "Anna");
        anna.level = Level.NEW;
        anna.credit = new BigDecimal("12345678901234567890.10");
        anna.born = LocalDate.of(1990, 2, 3);
        anna.seen = Instant.parse("2026-01-02T03:04:05Z");
        anna.picture = new byte[] {1, 2};
        anna.secret = "s";
        anna.address = new Address("Paris", "Rue 1");
        anna.tags.addAll(Set.of("b", "a"));
        return anna;
    }

    void store(Object... all) {
        shop.in(() -> {
            for (Object each : all) {
                shop.entities.persist(each);
            }
        });
        shop.published();
    }

    @Test
    void aCreatedEntityIsPublishedWithItsWholeState() {
        shop.in(() -> shop.entities.persist(anna()));

        Published published = shop.published().get(0);
        assertThat(published.topic()).isEqualTo("customers");
        assertThat(published.tag()).isEqualTo("c");
        assertThat(published.key()).isEqualTo("1");
        EntityChange change = published.change();
        assertThat(change.entity()).isEqualTo("customer");
        assertThat(change.id()).isEqualTo(1);
        assertThat(change.version()).isEqualTo(0);
        assertThat(change.operation()).isEqualTo(Operation.CREATED);
        assertThat(change.changed()).isEmpty();
        assertThat(change.state())
                .containsEntry("name", "Anna")
                .containsEntry("level", "NEW")
                .containsEntry("credit", new BigDecimal("12345678901234567890.10"))
                .containsEntry("born", "1990-02-03")
                .containsEntry("seen", "2026-01-02T03:04:05Z")
                .containsEntry("picture", "AQI=")
                .containsEntry("address", java.util.Map.of("city", "Paris", "street", "Rue 1", "phones", List.of()))
                .containsEntry("tags", List.of("a", "b"))
                .containsEntry("counters", Map.of())
                .containsEntry("manager", null)
                .doesNotContainKeys("secret", "version", "id", "computed", "passport", "invoices");
        assertThat(shop.batches).containsExactly(1);
        assertThat(shop.outcomes).containsExactly("committed");
    }

    @Test
    void anUpdateTellsWhatChangedByPathWithOldAndNewValues() {
        store(anna(), new Customer(2, "Boss"));

        shop.in(() -> {
            Customer anna = customer(1);
            anna.name = "Ann";
            anna.address.city = "Lyon";
            anna.manager = shop.entities.getReference(Customer.class, 2L);
            anna.credit = new BigDecimal("12345678901234567890.1");
        });

        EntityChange change = shop.change();
        assertThat(change.operation()).isEqualTo(Operation.UPDATED);
        assertThat(change.version()).isEqualTo(1);
        assertThat(change.changed())
                .isEqualTo(Map.of(
                        "name", new PropertyChange("Anna", "Ann"),
                        "address.city", new PropertyChange("Paris", "Lyon"),
                        "manager", new PropertyChange(null, 2)));
        assertThat(change.state()).containsEntry("name", "Ann").containsEntry("manager", 2);
    }

    @Test
    void anEmbeddedValueThatComesOrGoesIsChangedAsAWhole() {
        store(new Customer(1, "Anna"));

        shop.in(() -> customer(1).contact = new Contact("a@example.org", null));
        Map<String, Object> contact = new java.util.LinkedHashMap<>();
        contact.put("line", null);
        contact.put("mail", "a@example.org");
        assertThat(shop.change().changed()).isEqualTo(Map.of("contact", new PropertyChange(null, contact)));

        shop.in(() -> customer(1).contact = null);
        assertThat(shop.change().changed()).isEqualTo(Map.of("contact", new PropertyChange(contact, null)));
    }

    @Test
    void aDeletionIsPublishedWithTheLastState() {
        store(anna());

        shop.in(() -> shop.entities.remove(customer(1)));

        EntityChange change = shop.change();
        assertThat(change.operation()).isEqualTo(Operation.DELETED);
        assertThat(change.id()).isEqualTo(1);
        assertThat(change.version()).isEqualTo(0);
        assertThat(change.state()).containsEntry("name", "Anna");
        assertThat(change.changed()).isEmpty();
    }

    @Test
    void severalFlushesOfATransactionGiveOneMessageForEachEntity() {
        store(new Customer(1, "Anna"), new Customer(3, "Cleo"), new Customer(4, "Dora"));

        shop.in(() -> {
            shop.entities.persist(new Customer(2, "Bert"));
            Customer anna = customer(1);
            anna.name = "Ann";
            customer(4).name = "changed";
            shop.entities.flush();
            customer(2).name = "Bertram";
            anna.name = "Annabel";
            anna.level = Level.GOLD;
            customer(4).name = "Dora";
            shop.entities.flush();
            shop.entities.remove(customer(3));
            shop.entities.persist(new Customer(5, "never"));
            shop.entities.flush();
            shop.entities.remove(customer(5));
        });

        List<Published> published = shop.published();
        assertThat(published)
                .extracting(
                        each -> each.change().operation() + " " + each.change().id())
                .containsExactly("CREATED 2", "UPDATED 1", "DELETED 3");
        assertThat(published.get(0).change().state()).containsEntry("name", "Bertram");
        assertThat(published.get(0).change().version()).isEqualTo(1);
        assertThat(published.get(1).change().changed())
                .isEqualTo(Map.of(
                        "name", new PropertyChange("Anna", "Annabel"), "level", new PropertyChange(null, "GOLD")));
        assertThat(shop.batches.get(shop.batches.size() - 1)).isEqualTo(3);
    }

    @Test
    void anEntityThatIsDeletedAndCreatedAgainIsUpdated() {
        Customer first = new Customer(1, "Anna");
        first.tags.add("a");
        store(first);

        shop.in(() -> {
            shop.entities.remove(customer(1));
            shop.entities.flush();
            Customer again = new Customer(1, "Other");
            again.tags.add("b");
            shop.entities.persist(again);
        });

        EntityChange change = shop.change();
        assertThat(change.operation()).isEqualTo(Operation.UPDATED);
        assertThat(change.changed())
                .containsEntry("name", new PropertyChange("Anna", "Other"))
                .containsKey("tags");
    }

    @Test
    void batchedStatementsArePublishedOneByOne() {
        shop.in(() -> LongStream.rangeClosed(1, 50).forEach(id -> shop.entities.persist(new Customer(id, "c" + id))));
        assertThat(shop.changes()).hasSize(50).allMatch(change -> change.startsWith("CREATED"));

        shop.in(() -> shop.entities
                .createQuery("FROM Customer", Customer.class)
                .getResultList()
                .forEach(each -> each.name += "!"));
        assertThat(shop.changes()).hasSize(50).allMatch(change -> change.startsWith("UPDATED"));
    }

    @Test
    void cascadesAndOrphansArePublishedForThemselvesByTheKeyOfTheirOwner() {
        Invoice invoice = new Invoice(7);
        invoice.line(1, "a");
        invoice.line(2, "b");
        shop.in(() -> shop.entities.persist(invoice));
        assertThat(shop.published())
                .allMatch(each -> each.key().equals("7"))
                .extracting(
                        each -> each.change().operation() + " " + each.change().entity())
                .containsExactly("CREATED Invoice", "CREATED InvoiceLine", "CREATED InvoiceLine");

        shop.in(() -> {
            Invoice loaded = shop.entities.find(Invoice.class, 7L);
            loaded.lines.removeIf(line -> line.id == 1);
        });
        assertThat(shop.changes()).containsExactly("DELETED InvoiceLine/1");

        shop.in(() -> shop.entities.remove(shop.entities.find(Invoice.class, 7L)));
        assertThat(shop.changes()).containsExactly("DELETED InvoiceLine/2", "DELETED Invoice/7");
    }

    @Test
    void collectionsThatTheEntityOwnsAreItsPropertiesAndTheirChangesItsUpdates() {
        store(anna());

        shop.in(() -> {
            Badge badge = new Badge("first");
            shop.entities.persist(badge);
            Customer anna = customer(1);
            anna.tags.add("c");
            anna.tags.remove("a");
            anna.counters.put("visits", 3);
            anna.scores.add(new Score("chess", 7));
            anna.badges.add(badge);
            anna.address.phones.add("123");
        });

        EntityChange change = shop.change();
        assertThat(change.operation()).isEqualTo(Operation.UPDATED);
        assertThat(change.version()).isEqualTo(1);
        assertThat(change.changed())
                .containsEntry("tags", new PropertyChange(List.of("a", "b"), List.of("b", "c")))
                .containsEntry("counters", new PropertyChange(Map.of(), Map.of("visits", 3)))
                .containsEntry("scores", new PropertyChange(List.of(), List.of(Map.of("game", "chess", "points", 7))))
                .containsEntry("address.phones", new PropertyChange(List.of(), List.of("123")))
                .containsKey("badges")
                .hasSize(5);
        assertThat(change.changed().get("badges").to())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .hasSize(1)
                .doesNotContainNull();
    }

    @Test
    void aCollectionThatIsReplacedOrClearedTellsWhatWasInIt() {
        store(anna());

        shop.in(() -> {
            Customer anna = customer(1);
            assertThat(anna.tags).hasSize(2);
            anna.tags = new java.util.HashSet<>(Set.of("x"));
        });
        assertThat(shop.change().changed())
                .isEqualTo(Map.of("tags", new PropertyChange(List.of("a", "b"), List.of("x"))));

        shop.in(() -> customer(1).tags.clear());
        assertThat(shop.change().changed()).isEqualTo(Map.of("tags", new PropertyChange(List.of("x"), List.of())));
    }

    @Test
    void elementsThatGetTheirIdentifierAtTheInsertArePublishedWithIt() {
        Ticket ticket = new Ticket("t");
        ticket.badges.add(new Badge("1"));
        ticket.badges.add(new Badge("2"));
        shop.in(() -> shop.entities.persist(ticket));

        EntityChange change = shop.change();
        assertThat(change.operation()).isEqualTo(Operation.CREATED);
        assertThat(change.id()).isEqualTo(ticket.id.intValue());
        assertThat(change.state())
                .containsEntry(
                        "badges",
                        ticket.badges.stream().map(badge -> badge.id.intValue()).toList());
    }

    @Test
    void nothingIsLoadedToBePublished() {
        Customer anna = anna();
        Customer boss = new Customer(2, "Boss");
        anna.manager = boss;
        store(boss, anna);
        shop.statistics().clear();

        shop.in(() -> customer(1).name = "Ann");

        EntityChange change = shop.change();
        assertThat(change.state()).containsEntry("manager", 2).doesNotContainKeys("tags", "badges");
        assertThat(shop.statistics().getEntityLoadCount()).isEqualTo(1);
        assertThat(shop.statistics().getCollectionFetchCount()).isZero();
        assertThat(shop.statistics().getEntityFetchCount()).isZero();
    }

    @Test
    void changesOfExcludedPropertiesOnlyAndOfTheVersionOnlyAreNotPublished() {
        store(anna());

        shop.in(() -> {
            customer(1).secret = "other";
            customer(1).address.note = "new";
        });
        shop.in(() -> shop.entities.lock(customer(1), LockModeType.OPTIMISTIC_FORCE_INCREMENT));

        assertThat(shop.published()).isEmpty();
        shop.in(() -> customer(1).name = "Ann");
        assertThat(shop.change().version()).isEqualTo(3);
    }

    @Test
    void inheritedEntitiesArePublishedUnderTheirOwnNamesWithWhatTheyInherit() {
        Car car = new Car();
        car.id = 1L;
        car.plate = "P-1";
        car.wheels = 4;
        car.seats = 5;
        Truck truck = new Truck();
        truck.id = 2L;
        truck.wheels = 6;
        truck.cargo = 9;
        shop.in(() -> {
            shop.entities.persist(car);
            shop.entities.persist(truck);
        });

        List<Published> published = shop.published();
        assertThat(published).extracting(Published::key).containsExactly("P-1", "2");
        assertThat(published).extracting(Published::topic).containsOnly("vehicles");
        assertThat(published.get(0).change().entity()).isEqualTo("Car");
        assertThat(published.get(0).change().state()).isEqualTo(Map.of("plate", "P-1", "wheels", 4, "seats", 5));
        assertThat(published.get(1).change().entity()).isEqualTo("Truck");
        assertThat(published.get(1).change().state())
                .containsEntry("plate", null)
                .doesNotContainKey("cargo");
    }

    @Test
    void compositeIdentifiersArePublishedByTheirParts() {
        Seat seat = new Seat(new SeatId("blue", 3), "red");
        Booking booking = new Booking();
        booking.guest = "Anna";
        booking.seat = seat;
        booking.persons = 2;
        shop.in(() -> {
            shop.entities.persist(seat);
            shop.entities.persist(booking);
        });

        List<Published> published = shop.published();
        assertThat(published.get(0).key()).isEqualTo("blue");
        assertThat(published.get(0).change().id()).isEqualTo(Map.of("room", "blue", "number", 3));
        assertThat(shop.reader.id(published.get(0).change(), SeatId.class)).isEqualTo(seat.id);
        assertThat(published.get(1).key()).isEqualTo("Anna:blue:3");
        assertThat(published.get(1).change().id())
                .isEqualTo(Map.of("guest", "Anna", "seat", Map.of("room", "blue", "number", 3)));

        shop.in(() -> {
            BookingId id = new BookingId();
            id.guest = "Anna";
            id.seat = seat.id;
            shop.entities.find(Booking.class, id).persons = 3;
        });
        assertThat(shop.change().changed()).isEqualTo(Map.of("persons", new PropertyChange(2, 3)));
    }

    @Test
    void aSoftDeletionByHibernateIsADeletionAndAFlagOfOnesOwnAnUpdate() {
        SoftNote soft = new SoftNote();
        soft.id = 1L;
        FlaggedNote flagged = new FlaggedNote();
        flagged.id = 2L;
        FlaggedNote own = new FlaggedNote();
        own.id = 3L;
        store(soft, flagged, own);

        shop.in(() -> {
            shop.entities.remove(shop.entities.find(SoftNote.class, 1L));
            shop.entities.remove(shop.entities.find(FlaggedNote.class, 2L));
            shop.entities.find(FlaggedNote.class, 3L).gone = true;
        });

        assertThat(shop.changes())
                .containsExactlyInAnyOrder("DELETED SoftNote/1", "DELETED FlaggedNote/2", "UPDATED FlaggedNote/3");
        assertThat(shop.jdbc.queryForObject("SELECT count(*) FROM SoftNote", Integer.class))
                .isEqualTo(1);
    }

    @Test
    void operationsThatAreNotAskedForAreNotPublished() {
        Shelf shelf = new Shelf();
        shelf.id = 1L;
        shelf.aisle = "north";
        shop.in(() -> shop.entities.persist(shelf));
        shop.in(() -> shop.entities.find(Shelf.class, 1L).aisle = "south");
        assertThat(shop.published()).isEmpty();

        shop.in(() -> shop.entities.remove(shop.entities.find(Shelf.class, 1L)));
        assertThat(shop.published()).extracting(Published::key).containsExactly("south");
    }

    @Test
    void statementsAndOtherEntitiesAreNotPublished() {
        store(anna());

        shop.in(() -> {
            Unpublished other = new Unpublished();
            other.id = 1L;
            shop.entities.persist(other);
            shop.entities.createQuery("UPDATE Customer c SET c.name = 'bulk'").executeUpdate();
        });

        assertThat(shop.published()).isEmpty();
    }

    @Test
    void aMergedEntityTellsWhatChanged() {
        store(anna());
        Customer detached = shop.transaction().execute(status -> {
            Customer found = customer(1);
            Hibernate.initialize(found.tags);
            Hibernate.initialize(found.counters);
            Hibernate.initialize(found.scores);
            Hibernate.initialize(found.badges);
            Hibernate.initialize(found.invoices);
            Hibernate.initialize(found.address.phones);
            return found;
        });
        detached.name = "merged";

        shop.in(() -> shop.entities.merge(detached));

        assertThat(shop.change().changed()).isEqualTo(Map.of("name", new PropertyChange("Anna", "merged")));
    }

    @Test
    void nothingLeavesOfARolledBackTransaction() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> shop.in(() -> {
                    shop.entities.persist(anna());
                    shop.entities.flush();
                    throw new IllegalArgumentException("business");
                }));

        assertThat(shop.published()).isEmpty();
        assertThat(shop.batches).isEmpty();
        store(anna());
    }

    @Test
    void statelessSessionsPublishWithoutOldValues() {
        store(new Customer(1, "Anna"), new Customer(2, "Bert"));
        List<EntityChange> changes = new ArrayList<>();

        shop.in(() -> {
            Session session = shop.entities.unwrap(Session.class);
            try (var stateless = session.statelessWithOptions().connection().openStatelessSession()) {
                Customer anna = stateless.get(Customer.class, 1L);
                anna.name = "Ann";
                stateless.update(anna);
                stateless.delete(stateless.get(Customer.class, 2L));
                Customer cleo = new Customer(3, "Cleo");
                cleo.tags.add("t");
                stateless.insert(cleo);
            }
        });

        shop.published().forEach(each -> changes.add(each.change()));
        assertThat(changes)
                .extracting(change -> change.operation() + " " + change.id())
                .containsExactly("UPDATED 1", "DELETED 2", "CREATED 3");
        assertThat(changes.get(0).changed()).isEmpty();
        assertThat(changes.get(0).state()).containsEntry("name", "Ann");
        assertThat(changes.get(2).state()).containsEntry("tags", List.of("t"));
    }
}
