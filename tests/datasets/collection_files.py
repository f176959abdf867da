"""Every public collection in small, in the layout that its makers publish it in, with films of noise."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

FILM_PX = 64
CHEXPERT = (
    "No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema", "Consolidation",
    "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices",
)  # fmt: skip
MIMIC = tuple(sorted(CHEXPERT))
"""The order of MIMIC-CXR's tables."""


def films(root: Path, names: Iterable[str], size: tuple[int, int] = (FILM_PX, FILM_PX)) -> None:
    """Write films of noise, (height, width), at paths below a folder."""
    rng = np.random.default_rng(0)
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)).save(path)


def lines(path: Path, rows: Iterable[str]) -> Path:
    """Write a text, packed where its name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{row}\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def codes(**said: int) -> list[str]:
    """Cells of the CheXpert labeler; underscores stand for blanks."""
    found = {name.replace("_", " "): value for name, value in said.items()}
    return [f"{found[name]:.1f}" if name in found else "" for name in CHEXPERT]


def nih(root: Path, table: str = "Data_Entry_2017_v2020.csv", sex: str = "Patient Gender") -> Path:
    """Ten films of five patients; patient 4 and 5 are on the list for test."""
    said = ("Cardiomegaly|Effusion", "No Finding", "Hernia", "Nodule", "Mass|Nodule", *["No Finding"] * 5)
    ids = [f"{film // 2 + 1:08d}_{film % 2:03d}.png" for film in range(10)]
    header = f"Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,{sex},View Position,"
    header += "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
    rows = [
        f"{name},{finding},{film % 2},{film // 2 + 1},{(40, 413)[film == 9]},{'MF'[film % 2]},{('PA', 'AP')[film % 2]},"
        "2682,2749,0.143,0.143"
        for film, (name, finding) in enumerate(zip(ids, said, strict=True))
    ]
    lines(root / table, [header, *rows])
    lines(root / "train_val_list.txt", ids[:6])
    lines(root / "test_list.txt", ids[6:])
    lines(
        root / "BBox_List_2017.csv",
        ["Image Index,Finding Label,Bbox [x,y,w,h],,,", f"{ids[0]},Infiltrate,512,256,64,128"],
    )
    films(root, [f"images_{film % 3 + 1:03d}/images/{name}" for film, name in enumerate(ids)])
    return root


def nih_google(root: Path) -> Path:
    header = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    header += "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
    header += "Fracture,Pneumothorax,Airspace opacity,Nodule or mass,Set Id"
    people = "0,{0},60,M,AP,3056,2544,0.139,0.139"
    said = (
        ("00000013_008.png", "No Finding", 13, "NO,NO,YES,NO,test"),
        ("00000013_026.png", "Cardiomegaly|Emphysema", 13, "NO,YES,NO,NO,test"),
        ("00000017_001.png", "Mass|Edema", 17, "NO,NO,NO,YES,validation"),
        ("00000018_001.png", "Pneumothorax", 18, "YES,NO,NO,NO,validation"),
    )
    rows = [f"{name},{mined},{people.format(patient)},{read}" for name, mined, patient, read in said]
    lines(root / "google2019_nih-chest-xray-labels.csv", [header, *rows])
    films(root, [f"images/{name}" for name, *_ in said])
    return root


def chexpert(root: Path) -> Path:
    top = "CheXpert-v1.0-small"
    people = "Path,Sex,Age,Frontal/Lateral,AP/PA"
    train = [
        ("train/patient00001/study1/view1_frontal.jpg", "Female,68,Frontal,AP", codes(No_Finding=1, Pneumothorax=0)),
        ("train/patient00002/study2/view1_frontal.jpg", "Male,87,Frontal,PA", codes(Edema=-1, Lung_Opacity=1)),
        ("train/patient00002/study2/view2_lateral.jpg", "Male,87,Lateral,", codes(Edema=-1, Lung_Opacity=1)),
        ("train/patient00003/study1/view1_frontal.jpg", "Male,41,Frontal,AP", codes(Edema=1)),
    ]
    valid = [("valid/patient64541/study1/view1_frontal.jpg", "Male,73,Frontal,AP", ["1.0", *["0.0"] * 13])]
    test = [("test/patient64741/study1/view1_frontal.jpg", "", ["0", "1", *["0"] * 12])]
    for name, rows in (("train.csv", train), ("valid.csv", valid)):
        written = [f"{top}/{path},{who},{','.join(cells)}" for path, who, cells in rows]
        lines(root / top / name, [f"{people},{','.join(CHEXPERT)}", *written])
    lines(root / top / "test_labels.csv", [f"Path,{','.join(CHEXPERT)}", f"{test[0][0]},{','.join(test[0][2])}"])
    films(root, [f"{top}/{path}" for path, _, _ in (*train, *valid, *test)])
    return root


def chexpert_plus(root: Path) -> Path:
    paths = [f"train/patient{patient}/study1/view1_frontal.jpg" for patient in (42142, 42143, 42144)]
    paths.append("valid/patient64622/study1/view1_frontal.jpg")
    said = ({"Edema": 1.0}, {"Edema": -1.0, "No Finding": None}, {}, {"Edema": 0.0, "Pneumothorax": 1.0})
    blank: dict[str, float | None] = dict.fromkeys(CHEXPERT)
    for section in ("impression", "report"):
        rows = [json.dumps({"path_to_image": path, **blank, **found}) for path, found in zip(paths, said, strict=True)]
        lines(root / "chexbert_labels" / f"{section}_fixed.json", rows[: 4 if section == "impression" else 2])
    header = "path_to_image,path_to_dcm,frontal_lateral,ap_pa,deid_patient_id,age,sex,section_findings,split"
    people = [
        f"{path},{path[:-4]}.dcm,Frontal,AP,{path.split('/')[1]},{50 + row}.0,Male,"
        f'"Findings:\nnone, as before",{path.split("/")[0]}'
        for row, path in enumerate(paths)
    ]
    lines(root / "df_chexpert_plus_240401.csv", [header, *people])
    films(root, [f"PNG/{path[:-4]}.png" for path in paths])
    return root


def chexlocalize(root: Path) -> Path:
    paths = ["valid/patient64541/study1/view1_frontal.jpg", "test/patient64741/study1/view1_frontal.jpg"]
    for name, path in (("val", paths[0]), ("test", paths[1])):
        rows = [f"Path,{','.join(CHEXPERT)}", f"CheXpert-v1.0/{path},{','.join(['0', '0', '0', '1', *['0'] * 10])}"]
        lines(root / "CheXpert" / f"{name}_labels.csv", rows)
        ring = [[8, 8], [40, 8], [40, 40], [8, 40]]
        film = "_".join(path.split("/")[1:])[:-4]
        drawn = {film: {"img_size": [FILM_PX, FILM_PX], "Airspace Opacity": [ring]}}
        lines(root / "CheXlocalize" / f"gt_annotations_{name}.json", [json.dumps(drawn)])
    films(root, ["CheXpert/val/patient64541/study1/view1_frontal.jpg", f"CheXpert/{paths[1]}"])
    return root


def mimic_cxr(root: Path) -> Path:
    """Three patients; study 503 has two films, and was read by a radiologist as well."""
    listed = [(f"{film:08x}-0", subject, study) for film, (subject, study) in enumerate(_MIMIC_FILMS)]
    metadata = "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,ViewPosition,Rows,Columns"
    rows = [
        f'{film},{subject},{study},"CHEST (PA AND LAT)",{view},64,64'
        for (film, subject, study), view in zip(listed, _MIMIC_VIEWS, strict=True)
    ]
    lines(root / "mimic-cxr-2.0.0-metadata.csv.gz", [metadata, *rows])
    splits = dict(zip(("10000032", "10000764", "10000935"), ("train", "validate", "test"), strict=True))
    split = [f"{film},{study},{subject},{splits[subject]}" for film, subject, study in listed]
    lines(root / "mimic-cxr-2.0.0-split.csv.gz", ["dicom_id,study_id,subject_id,split", *split])
    header = f"subject_id,study_id,{','.join(MIMIC)}"
    for labeler, edema in (("chexpert", -1), ("negbio", 1)):
        said = ((10000032, 501, {"Edema": 1}), (10000764, 502, {"Edema": edema}), (10000935, 503, {"Pneumonia": 1}))
        table = [f"{subject},{study},{_cells(MIMIC, found)}" for subject, study, found in said]
        lines(root / f"mimic-cxr-2.0.0-{labeler}.csv.gz", [header, *table])
    readers = ["Airspace Opacity" if name == "Lung Opacity" else name for name in MIMIC if name != "No Finding"]
    lines(
        root / "mimic-cxr-2.1.0-test-set-labeled.csv",
        [f"study_id,{','.join(readers)}", f"503,{_cells(readers, {'Airspace Opacity': 1, 'Pneumonia': 0})}"],
    )
    boxes = "dicom_id,category_name,label_text,path,x,y,w,h,image_width,image_height,split"
    lines(
        root / "MS_CXR_Local_Alignment_v1.1.0.csv",
        [boxes, f'{listed[2][0]},Pneumonia,"left, basal",files/p10/p10000935/s503/a.jpg,10,20,30,15,64,64,test'],
    )
    films(root, [f"files/p{subject[:2]}/p{subject}/s{study}/{film}.jpg" for film, subject, study in listed])
    return root


_MIMIC_FILMS = (("10000032", "501"), ("10000764", "502"), ("10000935", "503"), ("10000935", "503"))
_MIMIC_VIEWS = ("PA", "AP", "AP", "LL")


def _cells(names: Sequence[str], said: dict[str, int]) -> str:
    return ",".join(f"{said[name]:.1f}" if name in said else "" for name in names)


def padchest(root: Path) -> Path:
    """A nodule, a pseudonodule alone, one with a blank before it, a list without a finding, and normal films."""
    said = (
        "['nodule', 'COPD signs']",
        "['pseudonodule']",
        "[' nodule', '', 'unchanged']",
        "['exclude']",
        *["['normal']"] * 6,
    )
    header = ",ImageID,ImageDir,StudyDate_DICOM,StudyID,PatientID,PatientBirth,PatientSex_DICOM,Projection,"
    header += "Report,MethodLabel,Labels"
    rows = [
        f"{film},{film}a_{film}.png,{film % 3},20140915,s{film},p{film // 2},1930.0,{'FM'[film % 2]},"
        f'{("PA", "L", "AP_horizontal")[film % 3]}," sin hallazg , .",{("Physician", "RNN_model")[film % 2]},"{labels}"'
        for film, labels in enumerate(said)
    ]
    lines(root / "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv", [header, *rows])
    films(root, [f"{film % 3}/{film}a_{film}.png" for film in range(len(said))])
    return root


def padchest_gr(root: Path) -> Path:
    def study(number: int, *findings: dict[str, object]) -> dict[str, object]:
        return {"StudyID": f"s{number}", "ImageID": f"{number}_a.png", "findings": list(findings)}

    nodule = {"sentence_en": "Nodule.", "abnormal": True, "labels": ["nodule"], "boxes": [[0.25, 0.5, 0.5, 0.75]]}
    normal = {"sentence_en": "No effusion.", "abnormal": False}
    both = {"abnormal": True, "labels": ["cardiomegaly", "nodule"], "boxes": [], "extra_boxes": [[0.0, 0.0, 0.5, 0.5]]}
    studies = [study(1, nodule, normal), study(2, normal), study(3, both)]
    lines(root / "grounded_reports_20240819.json", [json.dumps(studies)])
    header = "StudyID,ImageID,PatientID,split,label,label_group,boxes_count"
    split = ("train", "validation", "test")
    rows = [f"s{n},{n}_a.png,p{n},{split[n - 1]},nodule,nodule,1" for n in (1, 2, 3)]
    lines(root / "master_table.csv", [header, rows[0], *rows])
    films(root, [f"Padchest_GR_files/PadChest_GR/{n}_a.png" for n in (1, 2, 3)])
    return root


def vindr_cxr(root: Path) -> Path:
    """Two training films with three readers each, one test film with their consensus."""
    names = ("Aortic enlargement", "Nodule/Mass", "Pneumonia")
    train = [
        ("a", "R1", "1,0,0,0,0"), ("a", "R2", "1,1,0,0,0"), ("a", "R3", "0,0,0,0,1"),
        ("b", "R1", "0,0,0,1,0"), ("b", "R2", "0,0,1,1,0"), ("b", "R4", "0,0,1,1,0"),
        *((film, reader, "0,0,0,0,1") for film in "cdefghij" for reader in ("R1", "R2", "R3")),
    ]  # fmt: skip
    header = ",".join(names)
    rows = [f"{film},{reader},{cells}" for film, reader, cells in train]
    lines(
        root / "annotations" / "image_labels_train.csv", [f"image_id,rad_id,{header},Other diseases,No finding", *rows]
    )
    lines(
        root / "annotations" / "image_labels_test.csv", [f"image_id,{header},Other disease,No finding", "z,1,0,0,1,0"]
    )
    corners = "image_id,rad_id,class_name,x_min,y_min,x_max,y_max"
    boxes = ["a,R1,Aortic enlargement,10,12,30,40", "a,R2,Nodule/Mass,5,5,9,9", "c,R1,No finding,,,,"]
    lines(root / "annotations" / "annotations_train.csv", [corners, *boxes])
    films(root, [*(f"train/{film}.png" for film in "abcdefghij"), "test/z.png"])
    return root


def vinbig(root: Path) -> Path:
    """Film a: two readers of three see a nodule, one of them twice; film b: one reader does; film c: nobody."""
    rows = (
        "a,Nodule/Mass,8,R8,10.0,20.0,30.0,50.0", "a,Nodule/Mass,8,R8,1,1,5,5", "a,Nodule/Mass,8,R9,11,21,30,50",
        "a,No finding,14,R10,,,,", "b,Nodule/Mass,8,R8,2,2,9,9", "b,No finding,14,R9,,,,", "b,No finding,14,R10,,,,",
        *(f"{film},No finding,14,{reader},,,," for film in "cdefghij" for reader in ("R1", "R2", "R3")),
    )  # fmt: skip
    lines(root / "train.csv", ["image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max", *rows])
    films(root, [f"train/{film}.png" for film in "abcdefghij"])
    return root


def rsna(root: Path) -> Path:
    ids = [f"{film:04d}cfab-14fd" for film in range(10)]
    rows = [f"{ids[0]},264.0,152.0,213.0,379.0,1", f"{ids[0]},562.0,152.0,256.0,453.0,1"]
    lines(
        root / "stage_2_train_labels.csv",
        ["patientId,x,y,width,height,Target", *rows, *(f"{name},,,,,0" for name in ids[1:])],
    )
    films(root, [f"stage_2_train_images/{name}.png" for name in ids])
    return root


def siim_acr(root: Path) -> Path:
    """Film 0 has two regions: the top left 3 pixels of column 0, and 2 pixels from row 5 of column 1."""
    ids = [f"1.2.276.0.7230010.3.1.4.8323329.{film}.1517875201" for film in range(10)]
    rows = [f"{ids[0]},0 3", f"{ids[0]},1029 2", f"{ids[1]},0 1 1 1", *(f"{name}, -1" for name in ids[2:])]
    lines(root / "train-rle.csv", ["ImageId, EncodedPixels", *rows])
    films(root, [f"dicom-images-train/{name}.1/{name}.2/{name}.png" for name in ids])
    return root


def brax(root: Path) -> Path:
    header = "DicomPath,PngPath,PatientID,PatientSex,PatientAge,AccessionNumber,StudyDate,"
    header += f"{','.join(CHEXPERT)},ViewPosition,Rows,Columns,Manufacturer"
    said = (codes(Edema=1), codes(Edema=-1, Pneumonia=0), *[codes(No_Finding=1)] * 8)
    paths = [f"id_{film // 2}/Study_{film}/Series_{film}/image-{film}.png" for film in range(10)]
    rows = [
        f"Anonymized_DICOMs/{path[:-4]}.dcm,images/{path},id_{film // 2},{'MF'[film % 2]},"
        f"{('61', '85 or more')[film % 2]},{film},20080701,{','.join(cells)},{('PA', 'L')[film % 2]},64,64,maker"
        for film, (path, cells) in enumerate(zip(paths, said, strict=True))
    ]
    lines(root / "master_spreadsheet_update.csv", [header, *rows])
    films(root, [f"images/{path}" for path in paths])
    return root


def chestx_det(root: Path) -> Path:
    def film(name: int, *marks: tuple[str, list[list[int]]]) -> dict[str, object]:
        boxes = [
            [min(x for x, _ in ring), min(y for _, y in ring), max(x for x, _ in ring), max(y for _, y in ring)]
            for _, ring in marks
        ]
        return {
            "file_name": f"{name}.png",
            "syms": [sym for sym, _ in marks],
            "boxes": boxes,
            "polygons": [ring for _, ring in marks],
        }

    square, other = [[128, 128], [512, 128], [512, 512], [128, 512]], [[600, 600], [800, 600], [800, 800]]
    train = [film(1, ("Effusion", square), ("Mass", other)), film(2), *(film(number) for number in range(3, 11))]
    lines(root / "ChestX_Det_train.json", [json.dumps(train)])
    lines(root / "ChestX_Det_test.json", [json.dumps([film(11, ("Pleural_Thickening", square))])])
    films(root, [*(f"train_data/train/{number}.png" for number in range(1, 11)), "test_data/test/11.png"])
    return root


def object_cxr(root: Path) -> Path:
    train = [("00001.jpg", "0 10 20 30 50;2 1 1 9 1 9 9"), ("00002.jpg", ""), ("00003.jpg", "1 8 16 40 48")]
    lines(root / "train.csv", ["image_name,annotation", *(f"{name},{objects}" for name, objects in train)])
    lines(root / "dev.csv", ["image_name,annotation", "08001.jpg,"])
    films(root, [*(f"train/{name}" for name, _ in train), "dev/08001.jpg"])
    return root


def covidx(root: Path) -> Path:
    train = [f"{patient} film-{patient}.png {('negative', 'positive')[patient % 2]} ricord" for patient in range(10)]
    lines(root / "labels" / "train_COVIDx9B.txt", train)
    lines(
        root / "labels" / "test_COVIDx9B.txt", ["COVID-00003b 000012-12.jpg positive rsna", "t2 t2.png negative rsna"]
    )
    films(root, [*(f"train/film-{patient}.png" for patient in range(10)), "test/000012-12.jpg", "test/t2.png"])
    return root


WRITERS: dict[str, Callable[[Path], Path]] = {
    "nih": nih,
    "nih-google": nih_google,
    "chexpert": chexpert,
    "chexpert-plus": chexpert_plus,
    "chexlocalize": chexlocalize,
    "mimic-cxr": mimic_cxr,
    "padchest": padchest,
    "padchest-gr": padchest_gr,
    "vindr-cxr": vindr_cxr,
    "vinbig": vinbig,
    "rsna": rsna,
    "siim-acr": siim_acr,
    "brax": brax,
    "chestx-det": chestx_det,
    "object-cxr": object_cxr,
    "covidx": covidx,
}
