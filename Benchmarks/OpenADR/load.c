// The load of the OpenADR benchmark: the same client for every server, so that only servers differ.
//
//   load certificates COUNT FOLDER CA.crt CA.key     P-256 keys and certificates; a line `name sha256` for each
//   load polls PORT COUNT FOLDER SECONDS PAUSE WIDTH PIDS  each VEN keeps one connection and polls PAUSE ms after its last
//                                                    poll, or later: at most WIDTH polls wait for their answer at once
//   load changing-polls ...                          the same, but no poll of a VEN has the same bytes as the one before
//   load handshakes PORT COUNT FOLDER SECONDS WIDTH PIDS   full mutual handshakes, WIDTH at a time, each on a new connection
//
// TLS 1.2 with ECDHE-ECDSA-AES128-SHA256 over P-256, never resumed. One thread. PIDS, joined by commas, are the processes
// whose CPU time is told. One line of JSON goes to the standard output.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

// ---- certificates

static void add(X509 *certificate, X509 *issuer, int id, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
    if (!extension) die("an extension was refused");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static void make_certificates(int count, const char *folder, const char *ca_path, const char *key_path) {
    FILE *file = fopen(ca_path, "r");
    X509 *ca = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    if (file) fclose(file);
    file = fopen(key_path, "r");
    EVP_PKEY *ca_key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    if (file) fclose(file);
    if (!ca || !ca_key) die("no authority");
    for (int i = 0; i < count; i++) {
        char name[32], path[512];
        snprintf(name, sizeof name, "ven-%05d", i);
        EVP_PKEY *key = EVP_EC_gen("P-256");
        X509 *certificate = X509_new();
        X509_set_version(certificate, 2);
        BIGNUM *serial = BN_new();
        BN_rand(serial, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
        BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate));
        BN_free(serial);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
        X509_set_pubkey(certificate, key);
        X509_NAME_add_entry_by_txt(
            X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (unsigned char *)name, -1, -1, 0);
        X509_set_issuer_name(certificate, X509_get_subject_name(ca));
        add(certificate, ca, NID_basic_constraints, "critical,CA:FALSE");
        add(certificate, ca, NID_key_usage, "critical,digitalSignature");
        add(certificate, ca, NID_ext_key_usage, "clientAuth");
        if (!X509_sign(certificate, ca_key, EVP_sha256())) die("a certificate was not signed");
        snprintf(path, sizeof path, "%s/%s.pem", folder, name);
        file = fopen(path, "w");
        if (!file) die("the folder is not writable");
        PEM_write_X509(file, certificate);
        PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
        fclose(file);
        unsigned char digest[32];
        unsigned length = 0;
        X509_digest(certificate, EVP_sha256(), digest, &length);
        printf("%s ", name);
        for (unsigned b = 0; b < length; b++) printf("%02x", digest[b]);
        printf("\n");
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
}

// ---- connections

enum state { closed, connecting, shaking, idle, writing, reading };

struct ven {
    int fd, index, asked, out_length, out_sent, in_length;
    enum state state;
    SSL *ssl;
    X509 *certificate;
    EVP_PKEY *key;
    double started;
    struct ven *next;
    char out[1024], in[8192];
};

static SSL_CTX *context;
static int loop;
static struct sockaddr_in server;
static long errors;

static void prepare(int port) {
    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    if (!SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-SHA256")) die("no such cipher suite");
    SSL_CTX_set1_groups_list(context, "P-256");
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    loop = epoll_create1(0);
    server.sin_family = AF_INET;
    server.sin_port = htons(port);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static struct ven *read_vens(int count, const char *folder) {
    struct ven *vens = calloc(count, sizeof *vens);
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/ven-%05d.pem", folder, i);
        FILE *file = fopen(path, "r");
        if (!file) die("fewer certificates than VENs");
        vens[i].certificate = PEM_read_X509(file, NULL, NULL, NULL);
        vens[i].key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        fclose(file);
        vens[i].index = i;
    }
    return vens;
}

static void open_connection(struct ven *ven, int source) {
    ven->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int one = 1;
    setsockopt(ven->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    // Many loopback addresses, so that ports do not run out while old connections linger.
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002u + source % 200)};
    setsockopt(ven->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    bind(ven->fd, (struct sockaddr *)&own, sizeof own);
    if (connect(ven->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) die("nobody listens");
    ven->ssl = SSL_new(context);
    SSL_use_certificate(ven->ssl, ven->certificate);
    SSL_use_PrivateKey(ven->ssl, ven->key);
    SSL_set_fd(ven->ssl, ven->fd);
    SSL_set_connect_state(ven->ssl);
    ven->state = connecting;
    ven->started = now();
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = ven};
    epoll_ctl(loop, EPOLL_CTL_ADD, ven->fd, &event);
}

static void close_connection(struct ven *ven) {
    if (ven->state == closed) return;
    SSL_shutdown(ven->ssl);
    SSL_free(ven->ssl);
    close(ven->fd);
    ven->state = closed;
}

// 1: done, 0: waits, -1: failed.
static int shake(struct ven *ven) {
    ven->state = shaking;
    ERR_clear_error();
    int result = SSL_do_handshake(ven->ssl);
    if (result == 1) return 1;
    int error = SSL_get_error(ven->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

// ---- CPU time of the servers

static double cpu_of(const char *pids) {
    double sum = 0;
    char list[256];
    snprintf(list, sizeof list, "%s", pids);
    for (char *pid = strtok(list, ","); pid; pid = strtok(NULL, ",")) {
        char path[64], text[1024];
        snprintf(path, sizeof path, "/proc/%s/stat", pid);
        FILE *file = fopen(path, "r");
        if (!file) continue;
        size_t length = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[length] = 0;
        char *rest = strrchr(text, ')');
        unsigned long user = 0, system = 0;
        if (rest) sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
        sum += (double)(user + system) / sysconf(_SC_CLK_TCK);
    }
    return sum;
}

// What the host of this machine has given to others of the processors' time, and all of that time.
struct processors { double stolen, all; };

static struct processors processors(void) {
    struct processors sum = {0, 0};
    FILE *file = fopen("/proc/stat", "r");
    if (!file) return sum;
    unsigned long part;
    if (fscanf(file, "cpu") == 0)
        for (int i = 0; i < 8 && fscanf(file, "%lu", &part) == 1; i++) {
            sum.all += part;
            if (i == 7) sum.stolen = part;
        }
    fclose(file);
    return sum;
}

static double stolen_percent(struct processors since) {
    struct processors end = processors();
    return end.all > since.all ? 100 * (end.stolen - since.stolen) / (end.all - since.all) : 0;
}

static double own_cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

// ---- polls

enum { buckets = 200000 };
static unsigned histogram[buckets];  // of 50 µs

static double quantile(double part, long total) {
    long sum = 0;
    for (int i = 0; i < buckets; i++) {
        sum += histogram[i];
        if (sum >= part * total && sum > 0) return (i + 0.5) * 0.05;
    }
    return buckets * 0.05;
}

// A space behind the document changes nothing but its bytes.
static void fill_poll(struct ven *ven, int space) {
    char body[768];
    int length = snprintf(
        body, sizeof body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><oadr:oadrPayload xmlns:oadr=\"http://openadr.org/oadr-2.0b/2012/07\" "
        "xmlns:ei=\"http://docs.oasis-open.org/ns/energyinterop/201110\"><oadr:oadrSignedObject><oadr:oadrPoll "
        "ei:schemaVersion=\"2.0b\"><ei:venID>ven-%05d</ei:venID></oadr:oadrPoll></oadr:oadrSignedObject>"
        "</oadr:oadrPayload>%s", ven->index, space ? " " : "");
    ven->out_length = snprintf(
        ven->out, sizeof ven->out,
        "POST /OpenADR2/Simple/2.0b/OadrPoll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n"
        "Content-Length: %d\r\n\r\n%s", length, body);
}

// Whether a whole answer is there; -1 for one that is not the plain answer to a poll.
static int answered(struct ven *ven) {
    ven->in[ven->in_length] = 0;
    char *body = strstr(ven->in, "\r\n\r\n");
    if (!body) return 0;
    char *length = strcasestr(ven->in, "content-length:");
    if (!length || length > body) return -1;
    if (ven->in_length < (body + 4 - ven->in) + atoi(length + 15)) return 0;
    if (strncmp(ven->in, "HTTP/1.1 200", 12) || !strstr(body, "oadrResponse") || !strstr(body, ">200<")) return -1;
    return 1;
}

static void polls(
    int port, int count, const char *folder, double seconds, double pause, int width, const char *pids, int changing) {
    prepare(port);
    struct ven *vens = read_vens(count, folder);
    struct ven *first = NULL, *last = NULL;  // those that wait for their next poll, in the order of their last
    int open = 0, opening = 0, next = 0, asking = 0;
    long done = 0;
    double start = 0, end = 0, cpu = 0, own = 0;
    int measuring = 0;
    struct processors machine = {0, 0};
    struct epoll_event events[256];
    double give_up = now() + 180;
    for (;;) {
        double time = now();
        if (open < count && time > give_up) die("not all connections were made");
        while (opening < 64 && next < count) {
            open_connection(&vens[next], next);
            next++;
            opening++;
        }
        if (open == count && !end) {  // two seconds to get going
            start = time + 2;
            end = start + seconds;
        }
        if (end && !measuring && time >= start) {
            measuring = 1;
            done = errors = 0;
            memset(histogram, 0, sizeof histogram);
            start = time;
            cpu = cpu_of(pids);
            own = own_cpu();
            machine = processors();
        }
        if (measuring && time >= end) break;
        while (open == count && first && first->started + pause <= time && asking < width) {
            asking++;
            struct ven *ven = first;
            first = ven->next;
            if (!first) last = NULL;
            ven->started = time;
            ven->in_length = 0;
            if (changing) fill_poll(ven, ven->asked++ % 2);
            ERR_clear_error();
            if (SSL_write(ven->ssl, ven->out, ven->out_length) != ven->out_length) die("a connection broke");
            ven->state = reading;
        }
        int wait = asking < width && first && open == count ? (int)((first->started + pause - time) * 1000) : 100;
        int ready = epoll_wait(loop, events, 256, wait < 0 ? 0 : wait > 100 ? 100 : wait);
        for (int i = 0; i < ready; i++) {
            struct ven *ven = events[i].data.ptr;
            int finished = 0;
            if (ven->state == connecting || ven->state == shaking) {
                int result = shake(ven);
                if (result < 0) die("a handshake failed");
                if (result == 0) continue;
                fill_poll(ven, 0);
                open++;
                opening--;
                // Spread over one pause, as real ones are.
                ven->started = now() - pause + pause * ven->index / count;
                finished = 1;
            } else if (ven->state == reading) {
                for (;;) {
                    ERR_clear_error();
                    int length = SSL_read(ven->ssl, ven->in + ven->in_length, sizeof ven->in - 1 - ven->in_length);
                    if (length <= 0) {
                        int error = SSL_get_error(ven->ssl, length);
                        if (error != SSL_ERROR_WANT_READ) die("the server closed a connection");
                        break;
                    }
                    ven->in_length += length;
                    int state = answered(ven);
                    if (!state) continue;
                    if (state < 0) {
                        if (!errors) fprintf(stderr, "load: unexpected answer: %.*s\n", ven->in_length, ven->in);
                        errors++;
                    } else {
                        done++;
                        int bucket = (int)((now() - ven->started) * 20000);
                        histogram[bucket < buckets ? bucket : buckets - 1]++;
                    }
                    finished = 1;
                    asking--;
                    break;
                }
            }
            if (!finished) continue;
            ven->state = idle;
            ven->next = NULL;
            if (last) last->next = ven; else first = ven;
            last = ven;
        }
    }
    double elapsed = now() - start;
    printf(
        "{\"kind\":\"%s\",\"vens\":%d,\"polls\":%ld,\"seconds\":%.2f,\"perSecond\":%.0f,\"errors\":%ld,"
        "\"p50ms\":%.2f,\"p99ms\":%.2f,\"serverCPUMicroseconds\":%.1f,\"clientCPUMicroseconds\":%.1f,"
        "\"stolenPercent\":%.1f}\n",
        changing ? "changing polls" : "polls", count, done, elapsed, done / elapsed, errors, quantile(0.5, done),
        quantile(0.99, done),
        (cpu_of(pids) - cpu) / done * 1e6, (own_cpu() - own) / done * 1e6, stolen_percent(machine));
    for (int i = 0; i < count; i++) close_connection(&vens[i]);
}

// ---- handshakes

static void handshakes(int port, int count, const char *folder, double seconds, int width, const char *pids) {
    prepare(port);
    struct ven *vens = read_vens(count, folder);
    int next = 0, sources = 0, running = 0;
    long done = 0;
    double start = now() + 1, end = start + seconds, cpu = 0, own = 0;
    int measuring = 0;
    struct processors machine = {0, 0};
    struct epoll_event events[256];
    for (;;) {
        double time = now();
        if (!measuring && time >= start) {
            measuring = 1;
            done = errors = 0;
            start = time;
            cpu = cpu_of(pids);
            own = own_cpu();
            machine = processors();
        }
        if (measuring && time >= end) break;
        for (; running < width; next = (next + 1) % count) {
            if (vens[next].state != closed) continue;
            open_connection(&vens[next], sources++);
            running++;
        }
        int ready = epoll_wait(loop, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            struct ven *ven = events[i].data.ptr;
            if (ven->state == closed) continue;
            int result = shake(ven);
            if (result == 0) continue;
            if (result < 0 || SSL_session_reused(ven->ssl)) errors++;
            else done++;
            close_connection(ven);
            running--;
        }
    }
    double elapsed = now() - start;
    printf(
        "{\"kind\":\"handshakes\",\"handshakes\":%ld,\"seconds\":%.2f,\"perSecond\":%.0f,\"errors\":%ld,"
        "\"serverCPUMicroseconds\":%.1f,\"clientCPUMicroseconds\":%.1f,\"stolenPercent\":%.1f}\n",
        done, elapsed, done / elapsed, errors, (cpu_of(pids) - cpu) / done * 1e6, (own_cpu() - own) / done * 1e6,
        stolen_percent(machine));
}

int main(int count, char **words) {
    if (count == 6 && !strcmp(words[1], "certificates")) {
        make_certificates(atoi(words[2]), words[3], words[4], words[5]);
    } else if (count == 9 && (!strcmp(words[1], "polls") || !strcmp(words[1], "changing-polls"))) {
        double pause = atof(words[6]) / 1000;
        int changing = words[1][0] == 'c';
        polls(atoi(words[2]), atoi(words[3]), words[4], atof(words[5]), pause, atoi(words[7]), words[8], changing);
    } else if (count == 8 && !strcmp(words[1], "handshakes")) {
        handshakes(atoi(words[2]), atoi(words[3]), words[4], atof(words[5]), atoi(words[6]), words[7]);
    } else {
        die("see the head of load.c");
    }
    return 0;
}
