"""Steps from the list of scanners to the last page."""

from __future__ import annotations

from dynamsoftservice import JobStatus, ScannerType  # type: ignore[import-not-found]

from .desk import CONFIG, Desk, Found, caught


def server(desk: Desk) -> Found:
    """Settings and versions, also by other ways to write the host."""
    host = desk.host
    with desk.calls.make(verify=False) as other:
        devices = [len(other.getDevices(f"{host}{end}")) for end in ("/", "/api", "/api/")]
        nowhere = [other.getDevices("http://127.0.0.1:1"), list(other.last_error)]
        other.close()
    return {
        "info": desk.ask.getServerInfo(host),
        "settings": desk.ask.getServerSettings(host),
        "updated": desk.ask.updateServerSettings(host, {"logLevel": 30}),
        "devices": devices,
        "nowhere": nowhere,
    }


def scanning(desk: Desk) -> Found:
    """List, create, start, look, cancel, delete."""
    ask, host, job = desk.ask, desk.host, desk.create(autoRun=False)
    both = ScannerType.TWAINSCANNER | ScannerType.SANESCANNER
    found = {
        "devices": list(desk.devices),
        "twain": ask.getDevices(host, ScannerType.TWAINSCANNER),
        "both": [each["name"] for each in ask.getDevices(host, scannerType=both)],
        "pending": ask.checkJob(host, job),
        "started": ask.updateJob(host, job, {"status": JobStatus.RUNNING}),
        "pages": len(ask.getImageStreams(host, job, imageType="image/jpeg")),
        "completed": ask.checkJob(host, job),
        "deleted": ask.deleteJob(host, job),
    }
    slow = desk.create("Slow")
    found["canceled"] = ask.updateJob(host, slow, {"status": JobStatus.CANCELED})
    found["deleted_canceled"] = ask.deleteJob(host, slow)
    return found


def job_settings(desk: Desk) -> list[str]:
    """The three ways to say how to scan, each with its first page as a file."""
    number = {"Resolution": 100, "PixelType": 1, "XferCount": 1}
    number |= {"IfGetImageInfo": True, "IfGetExtImageInfo": True, "extendedImageInfoQueryLevel": 0}
    values = [{"capability": 257, "curValue": 0}]
    values += [{"capability": each, "curValue": 75} for each in (4376, 4377)]
    values += [{"capability": 32769, "curValue": 1}]
    caps = {"exception": "ignore", "capabilities": values}
    words = {"resolution": 200, "PixelType": "TWPT_RGB", "IfCloseSourceAfterAcquire": True}
    jobs = [
        desk.create(config={**CONFIG, **number}, checkFeederLoaded=True, name="Plain"),
        desk.create("Second", config={"IfFeederEnabled": True}, caps=caps),
        desk.create("Third", config=words, requestFocusForScanningUI=True),
    ]
    names = [
        desk.ask.getImageFile(desk.host, job, desk.folder, filename=f"set-{at}.png")
        for at, job in enumerate(jobs)
    ]
    counts = [desk.ask.checkJob(desk.host, jobs[0])["pages"]]
    for job in jobs:
        desk.ask.deleteJob(desk.host, job)
    return [*names, *map(str, counts)]


def capabilities(desk: Desk) -> Found:
    """What a pending job's scanner can do, and a snapshot used for the next job."""
    ask, host, job = desk.ask, desk.host, desk.create(autoRun=False)
    some = ask.getScannerCapabilities(host, job, caps=[257, 4376])
    every = ask.getScannerCapabilities(host, job)
    settings = ask.getScannerSettings(host, job, showUI=False)
    ask.deleteJob(host, job)
    again = desk.create(autoRun=False, settings=settings["settings"], config={})
    same = ask.getScannerSettings(host, again)
    ask.deleteJob(host, again)
    return {
        "some": [each["capability"]["value"] for each in some],
        "all": len(every),
        "is_same": same == settings,
    }


def pages(desk: Desk) -> Found:
    """Information, streams, files, and addresses of pages."""
    ask, host, folder, job = desk.ask, desk.host, desk.folder, desk.create()
    info = ask.getImageInfo(host, job)
    by_url = ask.getStreamFromUrl(info["url"])
    first = ask.getImageStream(host, job, imageType="image/png")
    found = {
        "info": info,
        "is_first": first == by_url,
        "file": ask.getImageFile(host, job, folder, "image/jpeg"),
        "named": ask.getImageFile(host, job, folder, filename="named.png"),
        "files": ask.getImageFiles(host, job, folder, imageType="image/png"),
        "none": ask.getImageStream(host, job),
        "no_file": ask.getImageFile(host, job, folder),
        "infos": [each["imageId"] for each in desk.infos(job)],
        "no_info": ask.getImageInfo(host, job),
    }
    ask.deleteJob(host, job)
    return found


def errors(desk: Desk) -> Found:
    """What is raised, and what is returned where nothing is to be raised."""
    job = desk.create(autoRun=False)
    ask, host, strict = desk.ask, desk.host, desk.strict
    busy, second = {"device": desk.devices["Plain"]}, desk.devices["Second"]
    fine = {"device": second, "config": {"Resolution": 76}}
    locked = ask.createDocument(host, {"password": "secret"})["uid"]
    found = {
        "held": caught(lambda: strict.createJob(host, busy)),
        "nobody": caught(lambda: strict.createJob(host, {"device": "nobody"})),
        "resolution": caught(lambda: strict.createJob(host, fine)),
        "state": caught(lambda: strict.updateJob(host, job, {"status": "canceled"})),
        "content": caught(lambda: strict.checkJob(host, "0123456789abcdef")),
        "log_level": caught(lambda: strict.updateServerSettings(host, {"logLevel": 5})),
        "locked": caught(lambda: strict.getDocumentInfo(host, locked, "Secret")),
    }
    found["deleted"] = ask.deleteJob(host, job)
    found["deleted_again"] = ask.deleteJob(host, job)
    found["last_error"] = ask.last_error
    found["gone"] = caught(lambda: strict.getImageStream(host, job))
    found["unknown"] = ask.checkJob(host, "0123456789abcdef")
    return found
