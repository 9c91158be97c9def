import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.channel.Channel;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

/**
 * The local stand-in for MongoDB on one port of the loopback interface, its data in one file.
 *
 * <p>Arguments: host, port, file. What was acknowledged is in the file COMMIT_MILLIS later: by default the store keeps writes in
 * memory for a second or more, which a kill would lose. A commit waits until no request is under way: the store's own commits take
 * one collection or index after the other, so that a kill left later writes without earlier ones, and ids without their documents.
 */
public final class StandIn {
    private static final int COMMIT_MILLIS = 20;

    private StandIn() {}

    public static void main(String[] arguments) throws InterruptedException {
        MVStore store = new MVStore.Builder().fileName(arguments[2]).autoCommitDisabled().open();
        WholeCommits backend = new WholeCommits(store);
        MongoServer server = new MongoServer(backend);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        server.bind(arguments[0], Integer.parseInt(arguments[1]));
        while (true) {
            Thread.sleep(COMMIT_MILLIS);
            try {
                backend.commitBetweenRequests();
            } catch (RuntimeException error) {
                error.printStackTrace();
                System.exit(1);
            }
        }
    }

    /** Requests share a lock, a commit has it alone. */
    private static final class WholeCommits extends H2Backend {
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
        private final MVStore store;

        WholeCommits(MVStore store) {
            super(store);
            this.store = store;
        }

        void commitBetweenRequests() {
            lock.writeLock().lock();
            try {
                if (!store.isClosed()) {
                    store.commit();
                }
            } finally {
                lock.writeLock().unlock();
            }
        }

        @Override
        public Document handleCommand(Channel channel, String database, String command, Document query) {
            lock.readLock().lock();
            try {
                return super.handleCommand(channel, database, command, query);
            } finally {
                lock.readLock().unlock();
            }
        }

        @Override
        public QueryResult handleQuery(MongoQuery query) {
            lock.readLock().lock();
            try {
                return super.handleQuery(query);
            } finally {
                lock.readLock().unlock();
            }
        }

        @Override
        public Document handleMessage(MongoMessage message) {
            lock.readLock().lock();
            try {
                return super.handleMessage(message);
            } finally {
                lock.readLock().unlock();
            }
        }
    }
}
