/* Lets the n-th call on a file below one folder fail; preloaded into a service and its workers.
 *
 * The file that FAULT_FILE names is the switch, shared with whoever arms it: see failing_calls.py.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { MAIN = 1, WORKER = 2 };

struct control {
    int role, nth, error, count, struck;
    char what[236];
};

static struct control *control;
static const char *folder;
static int role = MAIN;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULT_FILE");
    folder = getenv("FAULT_FOLDER");
    if (!path || !folder) return;
    char line[8192] = "";
    int (*open_)(const char *, int, ...) = real("open");
    int file = open_("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t (*read_)(int, void *, size_t) = real("read");
    ssize_t length = read_(file, line, sizeof line - 1);
    close(file);
    if (length > 0 && memmem(line, length, "runtime.worker", 14)) role = WORKER;
    file = open_(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *found = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (found != MAP_FAILED) control = found;
}

static int is_ours(const char *path) {
    size_t length = strlen(folder);
    /* What the virtual scanner remembers is the truth that everything is compared with. */
    return !strncmp(path, folder, length) && path[length] == '/' && !strstr(path, "/cache/state/");
}

static int strikes_path(const char *name, const char *path) {
    if (!control || control->role != role || !path || !is_ours(path)) return 0;
    if (__sync_add_and_fetch(&control->count, 1) != control->nth) return 0;
    snprintf(control->what, sizeof control->what, "%s %s", name, path + strlen(folder) + 1);
    control->struck = 1;
    return 1;
}

static int strikes(const char *name, int file) {
    if (!control || control->role != role) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strikes_path(name, path);
}

static int fail(void) {
    errno = control->error;
    return -1;
}

#define OPENS(name)                                                                  \
    int name(const char *path, int flags, ...) {                                     \
        va_list more;                                                                \
        va_start(more, flags);                                                       \
        mode_t mode = va_arg(more, int);                                             \
        va_end(more);                                                                \
        static int (*call)(const char *, int, ...);                                  \
        if (!call) call = real(#name);                                               \
        if (strikes_path("open", path) && control->error) return fail();             \
        return call(path, flags, mode);                                              \
    }
OPENS(open)
OPENS(open64)

#define WRITES(name, more, given)                                                    \
    ssize_t name(int file, const void *data, size_t size more) {                     \
        static ssize_t (*call)(int, const void *, size_t more);                      \
        if (!call) call = real(#name);                                               \
        if (strikes(#name, file)) {                                                  \
            if (control->error) return fail();                                       \
            size = size > 1 ? size / 2 : size;                                       \
        }                                                                            \
        return call(file, data, size given);                                         \
    }
#define COMMA ,
WRITES(write, , )
WRITES(pwrite, COMMA off_t at, COMMA at)
WRITES(pwrite64, COMMA off64_t at, COMMA at)

#define READS(name, more, given)                                                     \
    ssize_t name(int file, void *data, size_t size more) {                           \
        static ssize_t (*call)(int, void *, size_t more);                            \
        if (!call) call = real(#name);                                               \
        if (strikes(#name, file) && control->error) return fail();                   \
        return call(file, data, size given);                                         \
    }
READS(read, , )
READS(pread, COMMA off_t at, COMMA at)
READS(pread64, COMMA off64_t at, COMMA at)

#define ON_FILE(name, more, given)                                                   \
    int name(int file more) {                                                        \
        static int (*call)(int more);                                                \
        if (!call) call = real(#name);                                               \
        if (strikes(#name, file) && control->error) return fail();                   \
        return call(file given);                                                     \
    }
ON_FILE(fsync, , )
ON_FILE(fdatasync, , )
ON_FILE(ftruncate, COMMA off_t size, COMMA size)
ON_FILE(ftruncate64, COMMA off64_t size, COMMA size)

int posix_fallocate(int file, off_t at, off_t size) {
    static int (*call)(int, off_t, off_t);
    if (!call) call = real("posix_fallocate");
    if (strikes("posix_fallocate", file) && control->error) return control->error;
    return call(file, at, size);
}

int posix_fallocate64(int file, off64_t at, off64_t size) {
    static int (*call)(int, off64_t, off64_t);
    if (!call) call = real("posix_fallocate64");
    if (strikes("posix_fallocate", file) && control->error) return control->error;
    return call(file, at, size);
}

int rename(const char *from, const char *to) {
    static int (*call)(const char *, const char *);
    if (!call) call = real("rename");
    if (strikes_path("rename", to) && control->error) return fail();
    return call(from, to);
}

int unlink(const char *path) {
    static int (*call)(const char *);
    if (!call) call = real("unlink");
    if (strikes_path("unlink", path) && control->error) return fail();
    return call(path);
}

int mkdir(const char *path, mode_t mode) {
    static int (*call)(const char *, mode_t);
    if (!call) call = real("mkdir");
    if (strikes_path("mkdir", path) && control->error) return fail();
    return call(path, mode);
}

/* Workers get an environment of their own, without what this needs. */
int execve(const char *path, char *const arguments[], char *const environment[]) {
    static int (*call)(const char *, char *const[], char *const[]);
    if (!call) call = real("execve");
    static char preload[4096], file[4096], below[4096];
    static char *whole[1024];
    int count = 0;
    for (; environment && environment[count] && count < 1000; count++)
        whole[count] = environment[count];
    if (control) {
        snprintf(preload, sizeof preload, "LD_PRELOAD=%s", getenv("LD_PRELOAD"));
        snprintf(file, sizeof file, "FAULT_FILE=%s", getenv("FAULT_FILE"));
        snprintf(below, sizeof below, "FAULT_FOLDER=%s", folder);
        whole[count++] = preload;
        whole[count++] = file;
        whole[count++] = below;
    }
    whole[count] = NULL;
    return call(path, arguments, whole);
}
