import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import org.h2.mvstore.MVStore;

/**
 * The local stand-in for MongoDB on one port of the loopback interface, its data in one file.
 *
 * <p>Arguments: host, port, file. What was acknowledged is in the file COMMIT_MILLIS later: by default the store keeps writes in
 * memory for a second or more, which a kill would lose.
 */
public final class StandIn {
    private static final int COMMIT_MILLIS = 20;

    private StandIn() {}

    public static void main(String[] arguments) throws InterruptedException {
        MVStore store = new MVStore.Builder().fileName(arguments[2]).open();
        store.setAutoCommitDelay(COMMIT_MILLIS);
        MongoServer server = new MongoServer(new H2Backend(store));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        server.bind(arguments[0], Integer.parseInt(arguments[1]));
        Thread.currentThread().join();
    }
}
